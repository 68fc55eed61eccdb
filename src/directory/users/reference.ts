/** A user or a service account that an answer names; of one that was erased only the id is left. */
export interface Reference {
  readonly type: 'user' | 'service_account' | 'deleted';
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** @param text what `referenceTo` gave */
export function toReference(text: string): Reference {
  const [type, id, name, email] = JSON.parse(text) as [
    Reference['type'],
    string,
    string | null,
    string | null,
  ];
  return { type, id, name, email };
}
