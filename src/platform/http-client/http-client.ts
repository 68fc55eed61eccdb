import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isPrivateAddress, isPublicAddress, redirectTarget, withoutCredentials } from './addresses.ts';
import { OutboundError } from './error.ts';
import { collect, drain, exchange, type SentRequest, type TakeAnswer } from './send.ts';
import { sendBytes, type TlsReceiver } from './tls.ts';

export { OutboundError } from './error.ts';
export type { TlsReceiver };

/** The used part of an answer; its body is read to its end and discarded. */
export interface OutboundAnswer {
  readonly status: number;
  /** `Retry-After` as it came. */
  readonly retryAfter: string | undefined;
}

export interface OutboundMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OutboundRequest {
  /** GET by default. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** An answer whose body is larger is cut off and not returned. */
  readonly maxBytes: number;
  /** Rejects http://, except on this machine where private addresses are allowed. */
  readonly httpsOnly?: boolean;
  /** For the whole exchange, instead of the client's default timeout. */
  readonly timeoutMs?: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; values that came more than once are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Outbound {
  /**
   * Posts to an address that another user chose. Follows no redirect: 3xx is an answer like any other.
   * @param signal ends it before its time
   * @throws OutboundError if the address is not allowed or nothing answers in time
   */
  post(url: string, message: OutboundMessage, signal?: AbortSignal): Promise<OutboundAnswer>;

  /**
   * Sends a request to an address that a user configured and returns the answer. Follows no redirect. Compressed
   * answers are neither requested nor accepted, so `maxBytes` limits the bytes on the wire.
   * @throws OutboundError also `too_large`
   */
  fetch(url: string, request: OutboundRequest, signal?: AbortSignal): Promise<OutboundResponse>;

  /**
   * Gets an address and follows up to three redirects, each looked at like the first; from https:// never to
   * http://, and to another origin without credentials. The time is for all of them together.
   * @throws OutboundError `refused` or `failed` also for a redirect that is not followed
   */
  fetchFollowing(
    url: string,
    request: Omit<OutboundRequest, 'method' | 'body'>,
    signal?: AbortSignal,
  ): Promise<OutboundResponse>;

  /**
   * Sends bytes over TLS to a host that a user configured, on a connection of their own, and waits until the receiver has
   * closed it after them.
   * @throws OutboundError if the host is not allowed, or the receiver did not read all
   */
  sendTls(receiver: TlsReceiver, bytes: Buffer, signal?: AbortSignal): Promise<void>;

  /** What is wrong with an address before anything is sent; see {@link outboundUrlProblem}. */
  urlProblem(url: string, httpsOnly?: boolean): string | undefined;
}

export interface OutboundOptions {
  /** Lets requests go to loopback and private networks, too. */
  readonly allowPrivate: boolean;
  /** The setting behind `allowPrivate`, which rejections of http:// name. */
  readonly setting?: string;
  /** For the whole exchange, from the name to the end of the answer; 15 s by default. */
  readonly timeoutMs?: number;
  /** The system's resolver; tests replace it. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

const TIMEOUT_MS = 15_000;
/** More of the answer to a message than this is not waited for. */
const MAX_ANSWER = 64 * 1024;
const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * What is wrong with an address that a user wants requests sent to, as far as the text shows it; what a name
 * resolves to is looked at each time something is sent.
 * @param httpsOnly rejects http://, except on this machine where private addresses are allowed
 * @param setting what allows them, for the rejection to name
 * @returns undefined if nothing is
 */
export function outboundUrlProblem(
  text: string,
  allowPrivate: boolean,
  httpsOnly = false,
  setting?: string,
): string | undefined {
  if (!URL.canParse(text)) return 'This is not a valid URL. It must begin with https://.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return httpsOnly ? NOT_HTTPS : 'The URL must begin with https:// or http://.';
  }
  if (url.username !== '' || url.password !== '') return 'The URL must not contain a user name or password.';
  const host = hostOf(url);
  if (httpsOnly && url.protocol === 'http:' && !(allowPrivate && isLoopback(host))) {
    return setting === undefined
      ? NOT_HTTPS
      : `The URL must begin with https://; http:// is for this machine alone, with ${setting}=true.`;
  }
  if (isIP(host) !== 0 && !isReachable(host, allowPrivate)) return refusal(allowPrivate);
  return undefined;
}

const NOT_HTTPS = 'The URL must begin with https://.';
const NOT_PUBLIC = 'The host has no public address, and others are not allowed here.';

const NOT_PRIVATE =
  'The host has no public or private address: link-local and metadata addresses are not allowed.';

const refusal = (allowPrivate: boolean): string => (allowPrivate ? NOT_PRIVATE : NOT_PUBLIC);

const isReachable = (address: string, allowPrivate: boolean): boolean =>
  isPublicAddress(address) || (allowPrivate && isPrivateAddress(address));

/** A URL has IPv6 addresses in brackets. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && ipaddr.parse(host).range() === 'loopback');

/** Builds the way out to addresses that others choose (webhooks, identity providers): the guard against SSRF, which reaches public addresses and nothing else. */
export function createOutbound({
  allowPrivate,
  setting,
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

  const allowedAddressesOf = async (host: string): Promise<readonly LookupAddress[]> => {
    const found = await addressesOf(host);
    const allowed = found.filter(({ address }) => isReachable(address, allowPrivate));
    if (allowed.length === 0) throw new OutboundError('refused', refusal(allowPrivate));
    return allowed;
  };

  const send = async <T>(
    text: string,
    request: SentRequest & { readonly httpsOnly?: boolean },
    take: TakeAnswer<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const problem = outboundUrlProblem(text, allowPrivate, request.httpsOnly, setting);
    if (problem !== undefined) throw new OutboundError('refused', problem);
    const url = new URL(text);
    const allowed = await allowedAddressesOf(hostOf(url));
    // Nothing is sent after the caller was told that the request has ended.
    signal.throwIfAborted();
    return exchange(url, allowed, request, take, signal);
  };

  const fetch = (url: string, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> => {
    const headers = { ...request.headers, 'Accept-Encoding': 'identity' };
    return send(
      url,
      { ...request, method: request.method ?? 'GET', headers },
      collect(request.maxBytes),
      signal,
    );
  };

  const follow = async (
    first: string,
    request: OutboundRequest,
    signal: AbortSignal,
  ): Promise<OutboundResponse> => {
    let url = first;
    let headers = request.headers ?? {};
    for (let redirects = 0; ; redirects += 1) {
      const answer = await fetch(url, { ...request, headers }, signal);
      const location = answer.headers.get('location');
      if (location === undefined || !REDIRECTS.has(answer.status)) return answer;
      if (redirects === MAX_REDIRECTS) {
        throw new OutboundError('failed', `The address redirects more than ${MAX_REDIRECTS} times.`);
      }
      const next = redirectTarget(location, url);
      if (next.origin !== new URL(url).origin) headers = withoutCredentials(headers);
      url = next.href;
    }
  };

  return {
    post: (url, message, signal) =>
      within(timeoutMs, signal, (ends) => send(url, { ...message, method: 'POST' }, drain(MAX_ANSWER), ends)),
    fetch: (url, request, signal) =>
      within(request.timeoutMs ?? timeoutMs, signal, (ends) => fetch(url, request, ends)),
    fetchFollowing: (url, request, signal) =>
      within(request.timeoutMs ?? timeoutMs, signal, (ends) => follow(url, request, ends)),
    sendTls: (receiver, bytes, signal) =>
      within(timeoutMs, signal, async (ends) => {
        const addresses = await allowedAddressesOf(receiver.host);
        ends.throwIfAborted();
        return sendBytes(receiver, addresses, bytes, ends);
      }),
    urlProblem: (url, httpsOnly) => outboundUrlProblem(url, allowPrivate, httpsOnly, setting),
  };
}

/** Gives something so much time, from outside: what it does cannot always be interrupted (a resolver can't). */
async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const seconds = Math.ceil(timeoutMs / 1_000);
  const late = new OutboundError('timeout', `There was no whole answer within ${seconds} seconds.`);
  const timer = setTimeout(() => limit.abort(late), timeoutMs);
  const stop = () => limit.abort(new OutboundError('stopped', 'The sending was stopped.'));
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return await Promise.race([work(limit.signal), whenAborted(limit.signal)]);
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : asOutboundError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The code of a connection's failure (`ECONNREFUSED`, `CERT_HAS_EXPIRED`) says enough and contains no address. */
function asOutboundError(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  const detail = typeof code === 'string' ? ` (${code})` : '';
  return new OutboundError('failed', `The connection failed${detail}.`, { cause: error });
}
