import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/** The address of the client that sent a request, as Express's `request.ip` gives it; undefined once it is gone. */
export type ClientAddress = (request: IncomingMessage) => string | undefined;

/**
 * Builds the reading of `X-Forwarded-For` for what Express does not answer.
 * @param trustProxy the proxies that are believed: none, so many in front of this server, or these addresses
 */
export function createClientAddress(trustProxy: false | number | readonly string[]): ClientAddress {
  if (trustProxy === false) return (request) => request.socket.remoteAddress;
  const trust =
    typeof trustProxy === 'number'
      ? (_address: string, hop: number) => hop < trustProxy
      : proxyAddress.compile([...trustProxy]);
  return (request) => (request.socket.remoteAddress === undefined ? undefined : proxyAddress(request, trust));
}
