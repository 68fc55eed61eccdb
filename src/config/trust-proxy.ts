import { isIP } from 'node:net';
import { z } from 'zod';

const TRUST_PROXY_SAYS =
  'must be false, the number of proxies in front of this server (1 to 16), or their addresses separated by commas ' +
  '(such as "10.0.0.0/8", or loopback, linklocal, uniquelocal). "true" would let any client choose its own address.';

/** The setting TRUST_PROXY, as Express's `trust proxy` takes it. */
export const trustProxy = z.string({ error: TRUST_PROXY_SAYS }).transform((value, context) => {
  if (value === 'false' || value === '0') return false as const;
  if (/^(?:[1-9]|1[0-6])$/.test(value)) return Number(value);
  const networks = value.split(',').map((network) => network.trim());
  if (networks.every(isNetwork)) return Object.freeze(networks);
  context.addIssue({ code: 'custom', message: TRUST_PROXY_SAYS });
  return z.NEVER;
});

function isNetwork(network: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(network)) return true;
  const [address = '', bits, ...rest] = network.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
