import { setTimeout as delay } from 'node:timers/promises';

/** What is written about somebody who exists takes a few milliseconds, which would tell them from nobody (R136). */
const EVEN_MS = 120;

/** Answers no sooner than after a while. */
export async function inEvenTime<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const even = delay(EVEN_MS);
  try {
    return await attempt();
  } finally {
    await even;
  }
}

/** The same for an attempt that fails; one that is right is answered at once. */
export async function failsInEvenTime<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const even = delay(EVEN_MS);
  try {
    return await attempt();
  } catch (error) {
    await even;
    throw error;
  }
}
