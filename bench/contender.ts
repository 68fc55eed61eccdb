import { KeepAliveClient } from './keep-alive-client.ts';
import type { OperationRequest } from './operations.ts';

/** What came of a slice of time. */
export interface SliceResult {
  readonly answered: number;
  /** Right answers a second. */
  readonly rate: number;
  /** Microseconds of the server's processor time; undefined where it is not known. */
  readonly cpu: number | undefined;
}

/** A server that is asked one kind of thing, or one mixture, over and over. */
export interface Contender {
  /** Errors are counted and do not count as answers. */
  run(ms: number): Promise<SliceResult>;
  readonly errors: { count: number; first: string | undefined };
  /** Milliseconds that each right answer took. */
  readonly latencies: number[];
  close(): void;
}

/** A request as bytes go over the wire, and what is expected back. */
export interface Exchange {
  readonly text: string;
  readonly status: number;
  /** Bytes of the answer; one may be a little shorter or longer. */
  readonly bytes: number;
}

export interface ContenderOptions {
  readonly port: number;
  /** What the requests are, for errors. */
  readonly title: string;
  readonly next: () => Exchange;
  readonly atOnce: number;
  /** Undoes a slice's writes; not timed. */
  readonly reset: () => Promise<void>;
  readonly cpuTime: () => number | undefined;
}

/** How much the length of a good answer may differ: versions grow, times lose a digit. */
const TOLERANCE = 0.05;

/** An answer may not take longer. */
const TURN_WAIT_MS = 60_000;

/** Opens its connections, one for each request at once. */
export async function createContender(options: ContenderOptions): Promise<Contender> {
  const { port, title, next, atOnce, reset, cpuTime } = options;
  const clients = await Promise.all(Array.from({ length: atOnce }, () => KeepAliveClient.open(port)));
  const errors: Contender['errors'] = { count: 0, first: undefined };
  const latencies: number[] = [];

  const slice = (ms: number): Promise<SliceResult> =>
    new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`No answer in ${TURN_WAIT_MS / 1_000} seconds: ${title}.`)),
        ms + TURN_WAIT_MS,
      );
      const usedBefore = cpuTime();
      const start = performance.now();
      const end = start + ms;
      let [answered, busy] = [0, clients.length];
      const fail = (error: Error) => {
        clearTimeout(patience);
        reject(error);
      };
      const finish = () => {
        clearTimeout(patience);
        const rate = (answered * 1_000) / (performance.now() - start);
        const usedAfter = cpuTime();
        const cpu = usedBefore === undefined || usedAfter === undefined ? undefined : usedAfter - usedBefore;
        resolve({ answered, rate, cpu });
      };
      for (const client of clients) {
        let sent = 0;
        let expected: Exchange | undefined;
        const ask = () => {
          expected = next();
          sent = performance.now();
          client.send(expected.text, onAnswer, fail);
        };
        const onAnswer = (status: number, length: number) => {
          const now = performance.now();
          if (isRight(expected, status, length)) {
            answered += 1;
            latencies.push(now - sent);
          } else {
            errors.count += 1;
            errors.first ??= `status ${status}, ${length} bytes`;
          }
          if (now < end) ask();
          else {
            busy -= 1;
            if (busy === 0) finish();
          }
        };
        ask();
      }
    });

  return {
    errors,
    latencies,
    run: async (ms) => {
      await reset();
      return slice(ms);
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

function isRight(expected: Exchange | undefined, status: number, length: number): boolean {
  return (
    expected !== undefined &&
    status === expected.status &&
    length >= expected.bytes * (1 - TOLERANCE) - 1 &&
    length <= expected.bytes * (1 + TOLERANCE) + 1
  );
}

/** A request as bytes go over the wire. */
export function requestText(method: string, { path, body }: OperationRequest, token: string): string {
  const head = `${method} /scim/v2${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/scim+json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
