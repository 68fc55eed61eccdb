import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../../platform/db/database.ts';
import { violationOf } from '../../platform/db/errors.ts';
import { DatabaseUnavailable } from '../../platform/db/unavailable.ts';
import type { AnsweredRequest } from './entry.ts';
import type { Masker } from './rules/mask.ts';
import { toKeptRequest } from './rules/row.ts';
import { copyLogRows, logLine } from './store/write.ts';

/** Rows and characters that wait in a process at most; the oldest are dropped. */
const MAX_ROWS = 20_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** What is left of them when some are dropped: not every request drops one. */
const SHARE_LEFT = 0.9;
/** Rows of one statement. */
const BATCH = 500;
const EVERY_MS = 1_000;
/** How long the end of a process waits for its last rows. */
const CLOSE_MS = 2_000;

/** Collects the provisioning log and writes it in the background. It delays and fails no request. */
export interface LogWriter {
  /** Never throws. */
  add(request: AnsweredRequest): void;
  /** Writes what is collected. @returns when nothing waits, or the database did not take it */
  flush(): Promise<void>;
  /** Writes the last rows, if that takes no longer than two seconds. */
  close(): Promise<void>;
}

export interface LogWriterDependencies {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly masker: Masker;
  /** False if the operator wants no log: nothing is collected. */
  readonly enabled?: boolean;
}

/** Builds it. Rows that wait are lost with the process. */
export function createLogWriter({
  db,
  log,
  metrics,
  masker,
  enabled = true,
}: LogWriterDependencies): LogWriter {
  const rows = new Counter({
    name: 'rollcall_scim_log_rows_total',
    help: 'Rows of the provisioning log, by what became of them: written, dropped (too many waited), rejected (the database refused them).',
    labelNames: ['result'],
    registers: [metrics],
  });
  let waiting: string[] = [];
  let characters = 0;
  /** Rows of which it is not known whether the database has written them: they are sent again as they were. */
  let uncertain: readonly string[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  new Gauge({
    name: 'rollcall_scim_log_waiting',
    help: 'Rows of the provisioning log that wait to be written.',
    registers: [metrics],
    collect() {
      this.set(uncertain.length + waiting.length);
    },
  });

  /** Drops the oldest rows until the rest fits. */
  const bound = (): void => {
    if (waiting.length <= MAX_ROWS && characters <= MAX_CHARACTERS) return;
    const [rowsLeft, charactersLeft] = [MAX_ROWS * SHARE_LEFT, MAX_CHARACTERS * SHARE_LEFT];
    let dropped = 0;
    while (dropped < waiting.length && (waiting.length - dropped > rowsLeft || characters > charactersLeft)) {
      characters -= sizeOf(waiting[dropped] as string);
      dropped += 1;
    }
    waiting = waiting.slice(dropped);
    rows.inc({ result: 'dropped' }, dropped);
  };

  /** @returns false if the database did not answer */
  const write = async (batch: readonly string[], isRepeated: boolean): Promise<boolean> => {
    try {
      await copyLogRows(db, batch);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) {
        if (!isAway) log.warn({ cause: error.message }, 'the provisioning log waits for the database');
        isAway = true;
        return false;
      }
      if (!isRepeated || violationOf(error)?.kind !== 'unique') {
        rows.inc({ result: 'rejected' }, batch.length);
        log.error({ err: error }, 'rows of the provisioning log were rejected by the database');
        return true;
      }
      // The first attempt wrote them, and its answer was lost.
    }
    rows.inc({ result: 'written' }, batch.length);
    isAway = false;
    return true;
  };

  const drain = async (): Promise<void> => {
    while (uncertain.length + waiting.length > 0) {
      const isRepeated = uncertain.length > 0;
      if (!isRepeated) {
        uncertain = waiting.slice(0, BATCH);
        waiting = waiting.slice(BATCH);
        for (const line of uncertain) characters -= sizeOf(line);
      }
      if (!(await write(uncertain, isRepeated))) return;
      uncertain = [];
    }
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running ??= drain().finally(() => {
      running = undefined;
      if (uncertain.length + waiting.length > 0) schedule();
    });
    return running;
  };

  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), EVERY_MS).unref();
  };

  return {
    add: (request) => {
      if (!enabled) return;
      try {
        const line = logLine(toKeptRequest(request, masker));
        waiting.push(line);
        characters += sizeOf(line);
        bound();
        schedule();
      } catch (error) {
        rows.inc({ result: 'rejected' });
        log.error({ err: error, requestId: request.id }, 'a row of the provisioning log was not made');
      }
    },

    flush,

    close: async () => {
      clearTimeout(timer);
      let last: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        last = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([flush().then(() => (waiting.length > 0 ? flush() : undefined)), patience]);
      clearTimeout(last);
      clearTimeout(timer);
    },
  };
}

/** What a row takes, with a little for the string itself. */
const sizeOf = (line: string): number => line.length + 50;
