import type { Database } from '../platform/db.ts';
import type { Seal } from '../platform/sealing.ts';
import type { Authority } from './authority.ts';
import { beginRequest, finishRequest, forgetRequest } from './store/idempotency.ts';
import { hashToken } from './tokens.ts';

/** What became of a request that may have been made before. */
export type Repeat<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer; readonly replayed: boolean }
  /** The same key came with another request. */
  | { readonly kind: 'another' }
  /** The first one is still at work. */
  | { readonly kind: 'running' };

export interface Repeats {
  /**
   * Runs a request once for a key; another with the same key within a day gets the same answer. One that throws
   * frees its key.
   */
  once<Answer extends { readonly status: number }>(
    by: Authority,
    key: string,
    request: string,
    run: () => Promise<Answer>,
  ): Promise<Repeat<Answer>>;
}

const PURPOSE = 'idempotency';

/** Builds the memory of answered requests. Answers may show a secret, so they are sealed. */
export function createRepeats({
  db,
  now,
  seal,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: Seal;
}): Repeats {
  return {
    once: async <Answer extends { readonly status: number }>(
      by: Authority,
      key: string,
      request: string,
      run: () => Promise<Answer>,
    ): Promise<Repeat<Answer>> => {
      const hash = hashToken(request);
      const actor = by.rights.id;
      const { begun, request_hash, status, sealed_answer } = await beginRequest(
        db,
        by.org,
        actor,
        key,
        hash,
        now().toISOString(),
      );
      if (!begun && request_hash !== null) {
        if (!hash.equals(request_hash)) return { kind: 'another' };
        if (status === null || sealed_answer === null) return { kind: 'running' };
        return {
          kind: 'done',
          replayed: true,
          answer: JSON.parse(seal.open(sealed_answer, PURPOSE)) as Answer,
        };
      }
      if (!begun) return { kind: 'running' };
      try {
        const answer = await run();
        await finishRequest(
          db,
          by.org,
          actor,
          key,
          answer.status,
          seal.seal(JSON.stringify(answer), PURPOSE),
        );
        return { kind: 'done', answer, replayed: false };
      } catch (error) {
        await forgetRequest(db, by.org, actor, key);
        throw error;
      }
    },
  };
}
