import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes of a request's line and headers: room for a filter of the longest length that is read, percent-encoded. */
const MAX_HEADER = 64 * 1024;
const REJECTED_MS = 2_000;
const SWEEP_MS = 50;
const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  /**
   * Drains and closes. Each answer from now on ends its connection, so that clients and proxies go elsewhere; new
   * connections are accepted until `lingerMs` are over, what is in flight is cut after `graceMs`.
   */
  close(times: { readonly lingerMs: number; readonly graceMs: number }): Promise<void>;
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
    // Refused below, with a sentence.
    requireHostHeader: false,
  });
  // A client that does not read its answer for so long is disconnected, and its buffers are freed.
  server.setTimeout(60_000);
  server.on('clientError', answerBroken);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = (server.address() as AddressInfo).port;
  /** The latest answer of each connection, which alone says that the connection ends. */
  const latest = new Map<Socket, ServerResponse>();
  let draining = false;
  server.on('connection', (socket) => socket.once('close', () => latest.delete(socket)));
  const serve = oneAtATime(latest, rejectUnreadable(listener(bound)));
  server.on('request', (request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    serve(request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) =>
    respondWithError(response, 417, 'Send the request without the header Expect.'),
  );
  return {
    server,
    port: bound,
    close: async ({ lingerMs, graceMs }) => {
      draining = true;
      for (const response of latest.values())
        if (!response.headersSent) response.setHeader('Connection', 'close');
      await delay(lingerMs);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs - lingerMs);
      // A connection whose answer had begun before becomes idle later.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(cut);
      clearInterval(sweep);
    },
  };
}

/**
 * Lets a request of a connection wait until the one before is answered and read (HTTP pipelining). Otherwise a client
 * that sends many and reads nothing makes the server keep all of their answers.
 */
function oneAtATime(latest: Map<Socket, ServerResponse>, listener: RequestListener): RequestListener {
  return (request, response) => {
    const previous = latest.get(request.socket);
    latest.set(request.socket, response);
    if (previous === undefined || previous.closed) listener(request, response);
    else {
      previous.once('close', () => {
        if (!request.destroyed) listener(request, response);
      });
    }
  };
}

/** Refuses what Express would answer by itself, in a page of HTML and past the log. */
function rejectUnreadable(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { url = '', headers, httpVersion } = request;
    if (headers.host === undefined && httpVersion === '1.1') {
      respondWithError(response, 400, 'Send the header Host.');
    } else if (!url.startsWith('/') && url !== '*' && !URL.canParse(url)) {
      respondWithError(response, 400, 'The address of the request is not valid.');
    } else listener(request, response);
  };
}

/** Answers a request that no route sees, and ends its connection. */
function respondWithError(response: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify({ schemas: [ERROR_SCHEMA], status: String(status), detail });
  response.writeHead(status, {
    'Content-Type': 'application/scim+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(body);
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
        `The request line and headers are larger than ${MAX_HEADER} bytes: send long filters to .search.`,
      ]
    : [400, 'Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({
    schemas: [ERROR_SCHEMA],
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
  socket.setTimeout(REJECTED_MS, () => socket.destroy());
}
