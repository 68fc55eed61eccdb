const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a URL parser passes over in silence, so that the text would not be the address that it names. */
const PASSED_OVER = /[\s\\\p{Cc}\p{Cf}]/u;

/**
 * What is wrong with an address of an identity provider, to which browsers are sent or from which we read: https,
 * or http on this very machine, and nothing in it that is no address.
 * @returns the end of a sentence; undefined if nothing is wrong
 */
export function webAddressProblem(text: string): string | undefined {
  if (PASSED_OVER.test(text) || !URL.canParse(text)) return 'must be a valid URL that begins with https://.';
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isLocal = protocol === 'http:' && LOOPBACK.has(hostname);
  if (protocol === 'http:' && !isLocal) {
    return 'must begin with https://; http:// is for a provider on this machine alone, with ALLOW_PRIVATE_PROVIDERS=true.';
  }
  if (protocol !== 'https:' && !isLocal) return 'must begin with https://.';
  if (username !== '' || password !== '') return 'must not contain a user name or password.';
  return hash === '' ? undefined : 'must have no part behind a #.';
}
