/** The `scimType` keywords of RFC 7644 §3.12 and RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** A refusal in the protocol's words (RFC 7644 §3.12). `detail` is written for the client's administrator. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    scimType: ScimType | undefined,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
    this.headers = headers;
  }
}

/** A 400 with its keyword: most of what a client can get wrong. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(400, scimType, detail);
}

/**
 * The 404 for a resource.
 * @param id as it is in the path; the name of an endpoint there means that the base URL has one, too
 */
export function resourceNotFound(kind: 'user' | 'group', id: string): ScimError {
  const detail = /^(users|groups)$/i.test(id)
    ? 'Not found: the SCIM base URL ends in /scim/v2, without /Users or /Groups.'
    : `${kind === 'user' ? 'User' : 'Group'} not found: ${id.slice(0, 80)}.`;
  return new ScimError(404, undefined, detail);
}

/** The body of an error answer: `status` is a JSON string (RFC 7644 §3.12). */
export function presentError(error: ScimError): Record<string, unknown> {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(error.status),
    ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
    detail: error.message,
  };
}

/** A client's own text inside a sentence: quoted, cut to what a log line can bear, control characters gone. */
export function quote(text: string): string {
  const clean = text.replace(/\p{C}/gu, '�');
  return `"${clean.length > 80 ? `${clean.slice(0, 77)}…` : clean}"`;
}
