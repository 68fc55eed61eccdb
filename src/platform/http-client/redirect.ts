import { OutboundError } from './error.ts';

/** What is meant for one origin and no other. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * Where a `Location` leads.
 * @throws OutboundError if it is no address, or one without TLS behind one with
 */
export function redirectTarget(location: string, from: string): URL {
  if (!URL.canParse(location, from)) throw new OutboundError('failed', 'The address redirects to none.');
  const next = new URL(location, from);
  if (new URL(from).protocol === 'https:' && next.protocol !== 'https:') {
    throw new OutboundError('refused', 'The address redirects from https:// to another scheme.');
  }
  return next;
}

/** The headers that may go to another origin. */
export function withoutCredentials(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}
