import { Refusal, type RefusalCode } from '../directory/errors.ts';
import { BodyTooLarge } from '../http/body.ts';
import { MalformedJson } from '../http/json.ts';
import { MalformedQuery } from '../http/query.ts';
import { ScimError, type ScimType } from './errors.ts';

/** What each of the directory's refusals is in this protocol (RFC 7644 §3.12). */
const answers = {
  not_found: [404, undefined],
  user_name_taken: [409, 'uniqueness'],
  email_taken: [409, 'uniqueness'],
  external_id_taken: [409, 'uniqueness'],
  group_name_taken: [409, 'uniqueness'],
  unknown_member: [400, 'invalidValue'],
  value_too_long: [400, 'invalidValue'],
  version_mismatch: [412, undefined],
  conflict: [409, undefined],
  last_owner: [409, undefined],
  too_costly: [400, 'tooMany'],
} satisfies Record<RefusalCode, readonly [status: number, scimType: ScimType | undefined]>;

/** @returns the error to answer with, or undefined for a failure of ours */
export function toScimError(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (error instanceof Refusal) {
    const [status, scimType] = answers[error.code];
    return new ScimError(status, scimType, error.message);
  }
  if (error instanceof MalformedJson) return new ScimError(400, 'invalidSyntax', error.message);
  if (error instanceof MalformedQuery) return new ScimError(400, 'invalidValue', error.message);
  if (error instanceof BodyTooLarge) {
    const detail = `The body is over ${error.limit} bytes: send less at once.`;
    return new ScimError(413, undefined, detail, { Connection: 'close' });
  }
  if (isUnavailable(error)) {
    return new ScimError(503, undefined, 'The database cannot be reached. Try again in a moment.', {
      'Retry-After': '5',
    });
  }
  return undefined;
}

/** By name, since an adapter does not import the database. */
function isUnavailable(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'DatabaseUnavailable' || error.name === 'StatementTimeout')
  );
}
