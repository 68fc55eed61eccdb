/** A user or a service account that an answer names; of one that was erased only the id is left. */
export interface Reference {
  readonly type: 'user' | 'service_account' | 'deleted';
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}
