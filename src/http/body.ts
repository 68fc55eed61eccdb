import type { IncomingMessage } from 'node:http';

/** The body has more bytes than the server reads. */
export class BodyTooLarge extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`The body has more than ${limit} bytes.`);
    this.name = 'BodyTooLarge';
    this.limit = limit;
  }
}

/** The client went away before its body was whole. Nobody is left to answer. */
export class BodyAborted extends Error {
  constructor() {
    super('The connection was closed before the body was whole.');
    this.name = 'BodyAborted';
  }
}

/**
 * Reads a request's body whole; nothing acts on half of one.
 * @param limit bytes
 * @throws BodyTooLarge as soon as it is known, BodyAborted
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length']) > limit) {
      reject(new BodyTooLarge(limit));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.off('data', onData);
        reject(new BodyTooLarge(limit));
      } else {
        chunks.push(chunk);
      }
    };
    request.on('data', onData);
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => reject(new BodyAborted()));
    request.on('close', () => {
      if (!request.complete) reject(new BodyAborted());
    });
  });
}
