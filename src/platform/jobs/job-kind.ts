import { z } from 'zod';
import { BRIEF_RETRIES, type RetryPolicy } from './retry-policy.ts';

/** What a handler gets of the job besides its payload. */
export interface JobContext {
  /** Aborted when the lease is lost or the process stops: end soon, by throwing, and the job is given back. */
  readonly signal: AbortSignal;
  /** Names this run: no other run of any job has the same. */
  readonly lease: string;
  /** Shows administrators how far the job is, in percent. */
  reportProgress(percent: number): Promise<void>;
}

/** Keeps a job in the queue after a successful run. */
export interface RunAgain {
  readonly at: Date;
  readonly kind: string;
}

/** A kind of job as the worker sees it. */
export interface JobKind {
  readonly name: string;
  /** How many jobs of this kind one process runs concurrently; kinds never wait for each other. */
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  /** Undefined for a job that runs on request. */
  readonly everySeconds: number | undefined;
  /** @throws PermanentFailure if the payload does not have the declared shape */
  run(payload: unknown, context: JobContext): Promise<RunAgain | undefined>;
}

export interface JobDeclaration<Payload extends z.ZodType> {
  readonly name: string;
  readonly payload: Payload;
  readonly concurrency?: number;
  readonly retry: RetryPolicy;
  /** A scheduled job has one row, however many processes run, and never dies. */
  readonly everySeconds?: number;
  /** Must be safe to repeat: a job whose worker died runs again. */
  handle(payload: z.output<Payload>, context: JobContext): Promise<RunAgain | undefined> | Promise<void>;
}

/** Declares a kind of job: the one place that defines its payload and how it runs. */
export function defineJob<Payload extends z.ZodType>(declaration: JobDeclaration<Payload>): JobKind {
  const { name, payload: shape, concurrency = 1, retry, everySeconds, handle } = declaration;
  return {
    name,
    concurrency,
    retry,
    everySeconds,
    run: async (payload, context) => {
      const parsed = shape.safeParse(payload);
      if (!parsed.success) throw new PermanentFailure(`The payload is not one of ${name}.`);
      return (await handle(parsed.data, context)) ?? undefined;
    },
  };
}

/** Declares work that is done again and again. @param handle ends soon, by throwing, once the signal is aborted */
export function defineSchedule(
  name: string,
  everySeconds: number,
  handle: (signal: AbortSignal) => Promise<unknown>,
): JobKind {
  return defineJob({
    name,
    payload: z.object({}),
    retry: BRIEF_RETRIES,
    everySeconds,
    handle: async (_payload, { signal }) => void (await handle(signal)),
  });
}

/** A failure that no retry can fix: the job is dead immediately. The message says why. */
export class PermanentFailure extends Error {}

/** @throws Error if two kinds have one name */
export function kindsByName(kinds: readonly JobKind[]): ReadonlyMap<string, JobKind> {
  const named = new Map(kinds.map((kind) => [kind.name, kind]));
  if (named.size < kinds.length) throw new Error('Two kinds of jobs have the same name.');
  return named;
}
