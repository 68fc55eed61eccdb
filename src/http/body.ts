import type { IncomingMessage } from 'node:http';
import { createByteCollector } from '../platform/byte-collector.ts';

/** The body has more bytes than the server reads. */
export class BodyTooLarge extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`The body has more than ${limit} bytes.`);
    this.name = 'BodyTooLarge';
    this.limit = limit;
  }
}

/** The client disconnected before its body was complete. There is no one to answer. */
export class BodyAborted extends Error {
  constructor() {
    super('The connection was closed before the body was whole.');
    this.name = 'BodyAborted';
  }
}

/** What a large body waits for before more of it is read. */
export interface LargeBody {
  /** Bytes from which a body is large. */
  readonly from: number;
  /** Resolves when the body may be read on. */
  readonly admit: () => Promise<void>;
}

/**
 * Reads a request's body whole; nothing acts on half of one. A large body is read no further until it is admitted, so
 * that requests in the queue use little memory.
 * @param limit bytes
 * @throws BodyTooLarge as soon as it is known, BodyAborted; whatever `large.admit` throws
 */
export function readBody(request: IncomingMessage, limit: number, large?: LargeBody): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limit) {
      reject(new BodyTooLarge(limit));
      return;
    }
    const collector = createByteCollector(limit);
    let admitted = large === undefined;
    const fail = (error: unknown) => {
      request.off('data', onData);
      // What the client still sends is thrown away, or a reset would take the answer from it.
      request.resume();
      reject(error);
    };
    const admit = (): void => {
      admitted = true;
      request.pause();
      large?.admit().then(() => request.resume(), fail);
    };
    const onData = (chunk: Buffer) => {
      if (!collector.add(chunk)) fail(new BodyTooLarge(limit));
      else if (!admitted && large !== undefined && collector.size > large.from) admit();
    };
    request.on('data', onData);
    request.on('end', () => resolve(collector.take()));
    request.on('error', () => reject(new BodyAborted()));
    request.on('close', () => {
      if (!request.complete) reject(new BodyAborted());
    });
    if (large !== undefined && announced > large.from) admit();
  });
}
