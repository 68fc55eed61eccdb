/** The content of a response, for every writer. */
export interface Content {
  readonly responseId: string;
  readonly assertionId: string;
  readonly inResponseTo: string | undefined;
  readonly issuer: string;
  readonly acsUrl: string;
  readonly audience: string;
  readonly nameId: string;
  readonly now: Date;
  readonly attributes: readonly (readonly [name: string, values: readonly string[]])[];
  /** A minute ago by default. */
  readonly authnInstant?: Date;
  readonly sessionNotOnOrAfter?: Date;
  /** `_s1` by default. */
  readonly sessionIndex?: string;
}

export const NOW = new Date('2026-11-27T12:00:00Z');
export const SP = {
  entityId: 'https://rollcall.example/saml/acme',
  acsUrl: 'https://rollcall.example/sso/acme/acs',
};

/** A user with valid values. */
export function honest(changes: Partial<Content> = {}): Content {
  return {
    responseId: '_r0e3a0a1c',
    assertionId: '_a7f1c2d3e',
    inResponseTo: '_q5b6a7c8d',
    issuer: 'https://idp.example/metadata',
    acsUrl: SP.acsUrl,
    audience: SP.entityId,
    nameId: 'alice@example.com',
    now: NOW,
    attributes: [
      ['email', ['alice@example.com']],
      ['displayName', ['Alice "A" Liddell & Söhne <1>']],
      ['memberOf', ['Support Team', 'Everyone']],
    ],
    ...changes,
  };
}
