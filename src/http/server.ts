import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Bytes of a request's line and headers: room for a filter of the longest length that is read, percent-encoded. */
const MAX_HEADER = 64 * 1024;
const DRAIN_MS = 2_000;

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  /** Accepts no more, waits for what is in flight, at most so many milliseconds. */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens. Limits that Node keeps before any route runs answer in the same shape as the routes do.
 * @param listener made once the port is known, since answers name their own address
 */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  listener: (port: number) => RequestListener,
): Promise<HttpServer> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER,
    requestTimeout: 60_000,
    headersTimeout: 20_000,
    keepAliveTimeout: 65_000,
  });
  server.on('clientError', answerBroken);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = (server.address() as AddressInfo).port;
  server.on('request', listener(bound));
  return {
    server,
    port: bound,
    close: (graceMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** A request that is not HTTP, or too large before its body: no route ever sees it. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const [status, phrase, detail] = tooLarge
    ? [
        431,
        'Request Header Fields Too Large',
        `The request line and headers are over ${MAX_HEADER} bytes: send long filters to .search.`,
      ]
    : [400, 'Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(tooLarge ? { scimType: 'invalidFilter' } : {}),
    detail,
  });
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // What the client is still sending is read and thrown away, or a reset would take the answer from it.
  socket.removeAllListeners('data');
  socket.resume();
  socket.setTimeout(DRAIN_MS, () => socket.destroy());
}
