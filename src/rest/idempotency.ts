import type { Authority } from '../directory/roles/authority.ts';
import type { IdempotencyStore } from '../idempotency/idempotency-store.ts';
import { ProblemError, validationFailed } from './problem.ts';
import type { RouteAnswer } from './route.ts';

export interface Idempotency {
  /** @throws ProblemError 422 `idempotency_key_reused`, 409 `request_running` */
  once(
    by: Authority,
    key: string,
    request: string,
    run: (by: Authority) => Promise<RouteAnswer>,
  ): Promise<RouteAnswer>;
}

/** Builds what `Idempotency-Key` means here: the header, and what a repeated request is answered. */
export function createIdempotency(idempotencyStore: IdempotencyStore): Idempotency {
  return {
    once: async (by, key, request, run) => {
      if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
        const message = 'Idempotency-Key must have 1 to 255 visible ASCII characters.';
        throw validationFailed([{ path: 'Idempotency-Key', code: 'invalid', message }]);
      }
      const repeat = await idempotencyStore.once(by, key, request, run);
      if (repeat.kind === 'another') {
        throw new ProblemError({
          status: 422,
          code: 'idempotency_key_reused',
          detail: 'This Idempotency-Key came with another request: use a new one for each.',
        });
      }
      if (repeat.kind === 'running') {
        throw new ProblemError({
          status: 409,
          code: 'request_running',
          detail: 'The first request with this Idempotency-Key is still running: try again in a moment.',
          headers: { 'Retry-After': '1' },
        });
      }
      if (!repeat.replayed) return repeat.answer;
      return { ...repeat.answer, headers: { ...repeat.answer.headers, 'Idempotency-Replayed': 'true' } };
    },
  };
}
