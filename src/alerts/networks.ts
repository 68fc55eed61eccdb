import { BlockList, isIP } from 'node:net';

/** A network in CIDR notation (RFC 4632, RFC 4291 §2.3), or one address. @returns undefined for any other text */
function parseNetwork(text: string) {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const whole = version === 4 ? 32 : 128;
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= whole)) return undefined;
  return {
    address,
    bits: prefix === undefined ? whole : Number(prefix),
    family: version === 4 ? 'ipv4' : 'ipv6',
  } as const;
}

/** Whether a text is a network in CIDR notation, or one address. */
export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** Whether an address is in one of the networks. An IPv4 address that is written as IPv6 is the IPv4 address. */
export function isInNetworks(ip: string, networks: readonly string[]): boolean {
  const [text = ''] = ip.replace(/^::ffff:(?=[\d.]+$)/i, '').split('%', 1);
  const version = isIP(text);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  for (const network of networks) {
    const parsed = parseNetwork(network);
    if (parsed?.family === family) list.addSubnet(parsed.address, parsed.bits, family);
  }
  return list.check(text, family);
}
