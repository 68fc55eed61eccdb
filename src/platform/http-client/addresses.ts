import ipaddr from 'ipaddr.js';
import { OutboundError } from './error.ts';

/**
 * A machine's own neighbour, whatever network its number is of: it hands credentials to the caller from here.
 * Azure's host endpoint, and metadata of Alibaba, AWS and Google that is not at a link-local address.
 */
const NEIGHBOURS: ReadonlySet<string> = new Set([
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

/** Private networks. Link-local is not one of them: only neighbours are there. */
const PRIVATE: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** All of IPv6 that is global unicast today (RFC 4291 §2.5.4, IANA); what IANA has not given out is rejected. */
const GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');

/** After these bits an interface identifier contains an IPv4 address (ISATAP, RFC 5214 §6.1). */
const ISATAP: readonly number[] = [0x0000_5efe, 0x0200_5efe];

/**
 * Whether an address is public unicast, so that a request to it cannot reach what only this machine and its
 * network can reach. An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo, ISATAP) is rejected, whatever
 * it is: a public host has an address without disguise.
 *
 * @param text an IP address without brackets; anything else is not public
 */
export function isPublicAddress(text: string): boolean {
  // Four-part decimal only: a URL parser has already resolved forms such as `0x7f.1`.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return ipaddr.IPv4.parse(text).range() === 'unicast' && !NEIGHBOURS.has(text);
  }
  if (!ipaddr.IPv6.isValid(text) || text.includes('%')) return false;
  const address = ipaddr.IPv6.parse(text);
  const [high = 0, low = 0] = address.parts.slice(4, 6);
  return address.range() === 'unicast' && address.match(GLOBAL) && !ISATAP.includes(high * 0x1_0000 + low);
}

/** Whether an address is of a private network or this machine, written without disguise, and no neighbour's. */
export function isPrivateAddress(text: string): boolean {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return false;
  const address = ipaddr.parse(text);
  return PRIVATE.has(address.range()) && !NEIGHBOURS.has(address.toString());
}

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
