import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Why nothing was answered. The message is for the owner of the address and tells nothing of our network. */
export class OutboundError extends Error {
  readonly reason: 'refused' | 'unresolved' | 'timeout' | 'stopped' | 'failed';

  constructor(reason: OutboundError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundError';
    this.reason = reason;
  }
}

/** What of an answer counts; its body is read to its end and thrown away. */
export interface OutboundAnswer {
  readonly status: number;
  /** `Retry-After` as it came. */
  readonly retryAfter: string | undefined;
}

export interface OutboundMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Outbound {
  /**
   * Posts to an address that somebody else chose. Follows no redirect: 3xx is an answer like any other.
   * @param signal ends it before its time
   * @throws OutboundError if the address is not allowed or nothing answers in time
   */
  post(url: string, message: OutboundMessage, signal?: AbortSignal): Promise<OutboundAnswer>;
}

export interface OutboundOptions {
  /** Lets requests go to loopback and private networks, too. */
  readonly allowPrivate: boolean;
  /** For the whole exchange, from the name to the end of the answer; 15 s unless told. */
  readonly timeoutMs?: number;
  /** The system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

const TIMEOUT_MS = 15_000;
/** More of an answer than this is not waited for. */
const MAX_ANSWER = 64 * 1024;

/**
 * What is wrong with an address that somebody wants requests sent to, as far as the text shows it; what a name
 * resolves to is looked at each time something is sent. @returns undefined if nothing is
 */
export function outboundUrlProblem(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return 'The URL is none: begin with https://.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return 'The URL must begin with https:// or http://.';
  }
  if (url.username !== '' || url.password !== '') return 'The URL must hold no user name and no password.';
  const host = hostOf(url);
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return NOT_PUBLIC;
  return undefined;
}

const NOT_PUBLIC = 'The host has no public address, and others are not allowed here.';

/** A URL has IPv6 addresses in brackets. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** Builds the way out to addresses that strangers choose: it reaches public addresses and nothing else. */
export function createOutbound({
  allowPrivate,
  timeoutMs = TIMEOUT_MS,
  resolve = (host) => lookup(host, { all: true }),
}: OutboundOptions): Outbound {
  const addressesOf = async (host: string): Promise<readonly LookupAddress[]> => {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    try {
      return await resolve(host);
    } catch (error) {
      throw new OutboundError('unresolved', 'The host name does not resolve.', { cause: error });
    }
  };

  const send = async (text: string, message: OutboundMessage, signal: AbortSignal) => {
    const problem = outboundUrlProblem(text, allowPrivate);
    if (problem !== undefined) throw new OutboundError('refused', problem);
    const url = new URL(text);
    const found = await addressesOf(hostOf(url));
    const allowed = allowPrivate ? found : found.filter(({ address }) => isPublicAddress(address));
    if (allowed.length === 0) throw new OutboundError('refused', NOT_PUBLIC);
    return exchange(url, allowed, message, signal);
  };

  return {
    post: async (url, message, signal) => {
      const limit = new AbortController();
      const seconds = Math.ceil(timeoutMs / 1_000);
      const late = new OutboundError('timeout', `There was no whole answer within ${seconds} seconds.`);
      const timer = setTimeout(() => limit.abort(late), timeoutMs);
      const stop = () => limit.abort(new OutboundError('stopped', 'The sending was stopped.'));
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted === true) stop();
      try {
        // A resolver cannot be interrupted, only left behind.
        return await Promise.race([send(url, message, limit.signal), whenAborted(limit.signal)]);
      } catch (error) {
        throw limit.signal.aborted ? limit.signal.reason : asOutboundError(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      }
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** One request on a connection of its own, to one of these addresses: nobody asks for the name a second time. */
function exchange(
  url: URL,
  addresses: readonly LookupAddress[],
  { headers, body }: OutboundMessage,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const [first] = addresses;
  const pinned: LookupFunction = (_host, { all }, done) => {
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = start(url, {
      method: 'POST',
      agent: false,
      lookup: pinned,
      signal,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    });
    request.on('error', reject);
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('upgrade'));
    });
    request.on('response', (response) => {
      const finish = () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read <= MAX_ANSWER) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    request.end(body);
  });
}

/** The code of a connection's failure (`ECONNREFUSED`, `CERT_HAS_EXPIRED`) says enough, and no address. */
function asOutboundError(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  const detail = typeof code === 'string' ? ` (${code})` : '';
  return new OutboundError('failed', `The connection failed${detail}.`, { cause: error });
}
