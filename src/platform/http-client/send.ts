import type { LookupAddress } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createByteCollector } from '../byte-collector.ts';
import { OutboundError } from './error.ts';
import { pinnedLookup } from './tls.ts';

export interface SentRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Reads what it wants of an answer and settles the exchange with it. */
export type TakeAnswer<T> = (
  response: IncomingMessage,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
) => void;

/** One request on a connection of its own, to one of these addresses: no one asks for the name a second time. */
export function exchange<T>(
  url: URL,
  addresses: readonly LookupAddress[],
  { method, headers, body }: SentRequest,
  take: TakeAnswer<T>,
  signal: AbortSignal,
): Promise<T> {
  const pinned = pinnedLookup(addresses);
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const request = start(url, {
      method,
      agent: false,
      lookup: pinned,
      signal,
      headers: { ...headers, ...length },
    });
    request.on('error', reject);
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('upgrade'));
    });
    request.on('response', (response) => {
      response.on('error', reject);
      take(response, resolve, reject);
    });
    request.end(body);
  });
}

/** Throws the body away and waits for its end, or for so many bytes of it. */
export function drain(
  maxBytes: number,
): TakeAnswer<{ readonly status: number; readonly retryAfter: string | undefined }> {
  return (response, resolve) => {
    const finish = () =>
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
    let read = 0;
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read <= maxBytes) return;
      finish();
      response.destroy();
    });
    response.on('end', finish);
  };
}

/** Keeps the body, and ends the connection at the first byte too many: `too_large`. */
export function collect(maxBytes: number): TakeAnswer<{
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}> {
  return (response, resolve, reject) => {
    const cut = (error: OutboundError) => {
      reject(error);
      response.destroy();
    };
    const tooLarge = () =>
      cut(new OutboundError('too_large', `The answer is larger than ${maxBytes} bytes.`));
    const encoding = response.headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') {
      cut(new OutboundError('failed', 'The answer is compressed, which was not asked for.'));
      return;
    }
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
      tooLarge();
      return;
    }
    const collector = createByteCollector(maxBytes);
    response.on('data', (chunk: Buffer) => {
      if (!collector.add(chunk)) tooLarge();
    });
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        body: collector.take(),
      }),
    );
  };
}

function headersOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) found.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return found;
}
