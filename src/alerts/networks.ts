import ipaddr from 'ipaddr.js';

/** Whether a text is a network in CIDR notation (RFC 4632, RFC 4291 §2.3), or one address. */
export const isNetwork = (text: string): boolean => ipaddr.isValidCIDR(text) || ipaddr.isValid(text);

/** Whether an address is in one of the networks. An IPv4 address that is written as IPv6 is the IPv4 address. */
export function isInNetworks(ip: string, networks: readonly string[]): boolean {
  const [text = ''] = ip.split('%', 1);
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return networks.some((network) => {
    if (!isNetwork(network)) return false;
    const [base, bits] = ipaddr.isValidCIDR(network)
      ? ipaddr.parseCIDR(network)
      : ([ipaddr.parse(network), undefined] as const);
    return address.kind() === base.kind() && address.match(base, bits ?? base.toByteArray().length * 8);
  });
}
