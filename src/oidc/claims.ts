import { SsoError } from '../sso/sso-error.ts';
import { quoted } from './ask-provider.ts';

/** Claims by name, as text; an array that is empty was sent empty. */
export type Claims = ReadonlyMap<string, readonly string[]>;

type Json = Readonly<Record<string, unknown>>;

/** Claims of the protocol, which do not describe the user. `_claim_sources` may contain access tokens. */
const PROTOCOL: ReadonlySet<string> = new Set([
  'aud',
  'azp',
  'exp',
  'iat',
  'nbf',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  '_claim_names',
  '_claim_sources',
]);

const MAX_DEPTH = 3;

/**
 * A user's claims, as attribute mappings read them. Text, numbers and booleans become text, arrays
 * keep those of their members that do; text that Postgres cannot store is dropped. The members of an object are named after it with a dot, as
 * `address.locality` or Keycloak's `realm_access.roles`, three levels deep; a member whose own name has a dot is
 * left out, so that every name has one meaning. The name of a claim itself may have dots (`https://…/groups`)
 * and comes before a member's.
 */
export function readClaims(claims: Json): Claims {
  const found = new Map<string, readonly string[]>();
  const nested: [string, Json][] = [];
  for (const [name, value] of Object.entries(claims)) {
    if (PROTOCOL.has(name)) continue;
    if (isObject(value)) nested.push([name, value]);
    else addValues(found, name, value);
  }
  nested.sort(([one], [other]) => other.length - one.length);
  for (const [name, value] of nested) addMembers(found, name, value, MAX_DEPTH);
  return found;
}

function addMembers(found: Map<string, readonly string[]>, name: string, members: Json, depth: number): void {
  if (depth === 0) return;
  for (const [member, value] of Object.entries(members)) {
    if (member.includes('.')) continue;
    const path = `${name}.${member}`;
    if (isObject(value)) addMembers(found, path, value, depth - 1);
    else if (!found.has(path)) addValues(found, path, value);
  }
}

function addValues(found: Map<string, readonly string[]>, name: string, value: unknown): void {
  if (value === null || !isKeepable(name)) return;
  found.set(name, (Array.isArray(value) ? value : [value]).flatMap(asText));
}

function asText(value: unknown): string[] {
  if (typeof value === 'string') return isKeepable(value) ? [value] : [];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}

/** JSON writes NUL and halves of surrogate pairs; Postgres keeps neither. */
export const isKeepable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether the provider has verified the e-mail address: `email_verified`, else Entra's
 * `xms_edov`. Some providers send them as text or numbers; other values mean false.
 * @returns undefined if the claim is missing
 */
export function readEmailVerified(claims: Json): boolean | undefined {
  const claimed = claims['email_verified'] ?? claims['xms_edov'] ?? undefined;
  if (claimed === undefined) return undefined;
  return claimed === true || claimed === 1 || (typeof claimed === 'string' && /^(true|1)$/i.test(claimed));
}

/**
 * Whether the user has more groups than the token contains (Entra, above 200), so that no groups means nothing.
 * Where the rest could be asked for is not followed (docs/sso-design.md §2.2).
 */
export function hasGroupsOverage(claims: Json, groupsClaim: string): boolean {
  const elsewhere = claims['_claim_names'];
  if (isObject(elsewhere) && (Object.hasOwn(elsewhere, groupsClaim) || Object.hasOwn(elsewhere, 'groups'))) {
    return true;
  }
  const flag = claims['hasgroups'];
  return (
    flag === true ||
    flag === 'true' ||
    claims['http://schemas.microsoft.com/claims/groups.link'] !== undefined
  );
}

/**
 * Adds the claims of the userinfo endpoint to those of the ID token, which is signed and takes precedence. An
 * address and its `email_verified` stay together: the claim of one source does not verify the address of the other.
 */
export function mergeUserinfo(token: Json, userinfo: Json): Json {
  const sameEmail = token['email'] === userinfo['email'];
  const merged = new Map([...Object.entries(userinfo), ...Object.entries(token)]);
  const email = token['email'] === undefined ? userinfo : token;
  for (const name of ['email_verified', 'xms_edov']) {
    const claimed = email[name] ?? (sameEmail ? userinfo[name] : undefined);
    merged.delete(name);
    if (claimed !== undefined) merged.set(name, claimed);
  }
  return Object.fromEntries(merged);
}

const GOOGLE = 'https://accounts.google.com';

/** A claim that must have a value among its values. */
interface RequiredClaim {
  readonly claim: string;
  readonly value: string;
}

/**
 * Checks that the organization's provider manages the user. Google signs consumer accounts in as well,
 * with any address that was verified once; only accounts that an organization manages have `hd`.
 * @throws SsoError hosted_domain_missing, claim_missing
 */
export function requireClaims(issuer: string, claims: Claims, required: readonly RequiredClaim[]): void {
  if (issuer === GOOGLE && (claims.get('hd') ?? []).every((value) => value.trim() === '')) {
    throw new SsoError('hosted_domain_missing');
  }
  for (const { claim, value } of required) {
    if (!(claims.get(claim) ?? []).includes(value)) throw new SsoError('claim_missing', quoted(claim));
  }
}
