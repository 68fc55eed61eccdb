import { KeepAliveClient } from './keep-alive-client.ts';
import type { Operation, OperationRequest, Side } from './operations.ts';

/** A server that gets one kind of request over and over. */
export interface Contender {
  /** Requests a second, over a slice of time. Errors are counted and do not count as answers. */
  run(ms: number): Promise<number>;
  readonly errors: { count: number; first: string | undefined };
  close(): void;
}

export interface ContenderOptions {
  readonly port: number;
  readonly token: string;
  readonly operation: Operation;
  readonly side: Side;
  /** Bytes of the answer that is expected; one may be a little shorter or longer. */
  readonly bytes: number;
  readonly atOnce: number;
  /** Undoes a slice's writes; not timed. */
  readonly reset: () => Promise<void>;
  /** The number of the next request; shared by all contenders of the same server and operation. */
  readonly numbers: { next: number };
}

/** How much the length of a good answer may differ: versions grow, times lose a digit. */
const TOLERANCE = 0.05;

/** An answer may not take longer. */
const TURN_WAIT_MS = 60_000;

/** Opens its connections, one for each request at once. */
export async function createContender(options: ContenderOptions): Promise<Contender> {
  const { port, token, operation, side, bytes, atOnce, reset, numbers } = options;
  const clients = await Promise.all(Array.from({ length: atOnce }, () => KeepAliveClient.open(port)));
  const errors: Contender['errors'] = { count: 0, first: undefined };
  const [least, most] = [bytes * (1 - TOLERANCE) - 1, bytes * (1 + TOLERANCE) + 1];
  const next = () => requestText(operation.method, operation.request(numbers.next++, side), token);

  const slice = (ms: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`No answer in ${TURN_WAIT_MS / 1_000} seconds: ${operation.title}.`)),
        ms + TURN_WAIT_MS,
      );
      const start = performance.now();
      const end = start + ms;
      let [answered, busy] = [0, clients.length];
      const fail = (error: Error) => {
        clearTimeout(patience);
        reject(error);
      };
      for (const client of clients) {
        const ask = () => client.send(next(), onAnswer, fail);
        const onAnswer = (status: number, length: number) => {
          if (status === operation.status && length >= least && length <= most) answered += 1;
          else {
            errors.count += 1;
            errors.first ??= `status ${status}, ${length} bytes`;
          }
          if (performance.now() < end) ask();
          else {
            busy -= 1;
            if (busy > 0) return;
            clearTimeout(patience);
            resolve((answered * 1_000) / (performance.now() - start));
          }
        };
        ask();
      }
    });

  return {
    errors,
    run: async (ms) => {
      await reset();
      return slice(ms);
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

/** A request as bytes go over the wire. */
function requestText(method: string, { path, body }: OperationRequest, token: string): string {
  const head = `${method} /scim/v2${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/scim+json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
