import { availableParallelism } from 'node:os';
import { DomainError } from '../directory/errors.ts';
import { createSemaphore, type Semaphore } from '../platform/semaphore.ts';

/** Processors that wrong passwords leave for everything else. */
const LEFT_FREE = 1;
const MOST_WAITING = 500;
const RETRY_SECONDS = 5;

/**
 * Runs checks of passwords, few concurrently: each costs a processor 20 ms and 19 MiB. Known devices do not wait behind
 * unknown ones.
 */
export type PasswordChecks = <Result>(isKnown: boolean, check: () => Promise<Result>) => Promise<Result>;

/** Builds the queues of a process. */
export function createPasswordChecks(): PasswordChecks {
  const places = Math.max(1, availableParallelism() - LEFT_FREE);
  const [known, unknown] = [createSemaphore(places), createSemaphore(places)];
  return (isKnown, check) => withSemaphore(isKnown ? known : unknown, check);
}

/** Builds the queue in which failures are written: they never take all connections of the database. */
export function createFailureWrites(): (write: () => Promise<void>) => Promise<void> {
  const line = createSemaphore(2);
  return (write) => withSemaphore(line, write);
}

async function withSemaphore<Result>(line: Semaphore, work: () => Promise<Result>): Promise<Result> {
  if (line.waiting >= MOST_WAITING) {
    throw new DomainError(
      'throttled',
      'Too many users are signing in at the moment: try again.',
      RETRY_SECONDS,
    );
  }
  await line.enter();
  try {
    return await work();
  } finally {
    line.leave();
  }
}
