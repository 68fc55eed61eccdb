/**
 * The network of an address. Limits count the 2^64 addresses of IPv6 of one /64, which one device may have, as one; a
 * place is a /48, which a provider gives to a site. An IPv4 address that is written as IPv6 is the IPv4 address.
 * @param ipv4Prefix bits of an IPv4 address that are compared @param ipv6Prefix those of an IPv6 address
 * @returns a text to compare; the address itself if it is neither
 */
export function networkOf(ip: string, ipv4Prefix: 24 | 32, ipv6Prefix: 48 | 64 = 64): string {
  const [address = ''] = ip.toLowerCase().split('%', 1);
  const v4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/.exec(address)?.[1];
  if (v4 !== undefined) return ipv4Prefix === 32 ? v4 : `${v4.slice(0, v4.lastIndexOf('.'))}.0/24`;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) });
  const groups = [...before, ...zeros.map(() => '0'), ...after].slice(0, ipv6Prefix / 16);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/${ipv6Prefix}`;
}
