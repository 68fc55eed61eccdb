import pino, { type Logger } from 'pino';

/**
 * JSON lines on stdout, readable ones on a terminal. Written asynchronously: a request does not wait for its
 * log line; `flush` writes what is left before the process ends.
 */
export function createLogger(level: string): { readonly log: Logger; flush(): Promise<void> } {
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (process.stdout.isTTY) {
    const log = pino({ ...base, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } });
    return { log, flush: () => flushed((done) => log.flush(done)) };
  }
  const destination = pino.destination({ dest: 1, sync: false, minLength: 12_288, periodicFlush: 250 });
  const log = pino(base, destination);
  return { log, flush: () => flushed((done) => destination.flush(done)) };
}

function flushed(flush: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    flush(() => resolve());
  });
}
