import { deserialize, serialize } from 'node:v8';
import type { Authority, RepeatableCommand, RepeatableRequest } from '../directory/roles/authority.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { hashToken } from '../platform/opaque-token.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { findRequest, type KeyedRequest, recordCommandResult, recordRequestAnswer } from './store.ts';

/** What became of a request that may have been made before. */
export type IdempotentRequest<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer; readonly replayed: boolean }
  /** The same key came with another request. */
  | { readonly kind: 'another' }
  /** The first one is still at work, in this process. */
  | { readonly kind: 'running' };

export interface IdempotencyStore {
  /**
   * Runs a request once for a key; another with the same key within a day gets the same answer. Each command keeps
   * its result in its own transaction: what is written is known to be written, also if the answer to the commit was
   * lost, and what is not leaves no trace. A request that ended in between continues from there.
   * @param run gets the authority with which its commands are done once
   */
  once<Answer extends { readonly status: number }>(
    by: Authority,
    key: string,
    request: string,
    run: (by: Authority) => Promise<Answer>,
  ): Promise<IdempotentRequest<Answer>>;
}

/** What answers, and what commands returned, are sealed for. */
export const ANSWER_PURPOSE = 'idempotency';
export const RESULT_PURPOSE = 'idempotency-result';

/** A key was sent with two concurrent requests. */
class KeyReused extends Error {}

/** Builds the memory of answered requests. Answers and results may show a secret, so they are sealed. */
export function createIdempotencyStore({
  db,
  now,
  seal,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
}): IdempotencyStore {
  const running = new Map<string, Buffer>();

  const answerOnce = async <Answer extends { readonly status: number }>(
    by: Authority,
    request: KeyedRequest,
    run: (by: Authority) => Promise<Answer>,
  ): Promise<IdempotentRequest<Answer>> => {
    const found = await findRequest(db, request, now().toISOString());
    if (found !== undefined && !found.requestHash.equals(request.hash)) return { kind: 'another' };
    if (found?.sealedAnswer != null) {
      const answer = JSON.parse(seal.open(found.sealedAnswer, ANSWER_PURPOSE)) as Answer;
      return { kind: 'done', replayed: true, answer };
    }
    const results = found?.results ?? {};
    const answer = await run({ ...by, request: createRepeatableRequest(request, results, { now, seal }) });
    const sealed = seal.seal(JSON.stringify(answer), ANSWER_PURPOSE);
    await recordRequestAnswer(db, request, { status: answer.status, sealed }, now().toISOString());
    return { kind: 'done', answer, replayed: Object.keys(results).length > 0 };
  };

  return {
    once: async (by, key, text, run) => {
      const request = { org: by.org, actor: by.setUpLink?.id ?? by.rights.id, key, hash: hashToken(text) };
      const name = JSON.stringify([request.org, request.actor, key]);
      const other = running.get(name);
      if (other !== undefined) return { kind: other.equals(request.hash) ? 'running' : 'another' };
      running.set(name, request.hash);
      try {
        return await answerOnce(by, request, run);
      } catch (error) {
        if (error instanceof KeyReused) return { kind: 'another' };
        throw error;
      } finally {
        running.delete(name);
      }
    },
  };
}

/** @param results what its commands returned when the request came before, sealed, by their numbers */
function createRepeatableRequest(
  request: KeyedRequest,
  results: Readonly<Record<string, string>>,
  { now, seal }: { readonly now: () => Date; readonly seal: SecretBox },
): RepeatableRequest {
  const open = (sealed: string): unknown =>
    deserialize(Buffer.from(seal.open(sealed, RESULT_PURPOSE), 'base64'));
  let commands = 0;
  return {
    nextCommand: (): RepeatableCommand => {
      const number = commands;
      commands += 1;
      const known = results[number];
      return {
        known: known === undefined ? undefined : { result: open(known) },
        once: async <Result>(tx: Executor, work: () => Promise<Result>): Promise<Result> => {
          const at = now().toISOString();
          // Another process may have been at it while this one waited for the organization's lock.
          const meanwhile = (await findRequest(tx, request, at))?.results[number];
          if (meanwhile !== undefined) return open(meanwhile) as Result;
          const result = await work();
          const sealed = seal.seal(serialize(result).toString('base64'), RESULT_PURPOSE);
          if (!(await recordCommandResult(tx, request, number, sealed, at))) throw new KeyReused();
          return result;
        },
      };
    },
  };
}
