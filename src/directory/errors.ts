/** Every way in which the directory can refuse. Each adapter maps all of them (`satisfies Record<…>`). */
export type RefusalCode =
  | 'not_found'
  | 'user_name_taken'
  | 'email_taken'
  | 'external_id_taken'
  | 'group_name_taken'
  | 'unknown_member'
  | 'value_too_long'
  | 'version_mismatch'
  | 'conflict'
  | 'last_owner'
  | 'too_costly';

/** A refusal: the code for the adapter, the sentence for the client. It holds nothing of another organization. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}
