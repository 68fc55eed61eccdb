import type { Database } from '../../../platform/db/database.ts';
import type { OrgId, UserId } from '../../ids.ts';
import type { Page } from '../predicate.ts';
import { arrayOf, TermHash } from '../terms.ts';
import type { Start } from './keyset.ts';
import { type TermCondition, termCondition } from './term-lookups.ts';

/** Beyond so many hits, a page in the order of ids is full soon, and the hits are only counted. */
const MOST_HITS = 50_000;
/** So many candidates of which each is asked by its document. */
const MOST_CANDIDATES = 5_000;
/** So many users of whom the index knows nothing may be added to the candidates. */
const MOST_UNINDEXED = 1_000;

/** For how long it is remembered that a condition has too many hits. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1_000;

/**
 * Conditions that had too many hits within the last minute: looking for them again would cost as much as most of the
 * count, and tell nothing.
 */
export class CommonConditions {
  readonly #until = new Map<string, number>();

  has(key: string): boolean {
    return (this.#until.get(key) ?? 0) > performance.now();
  }

  add(key: string): void {
    if (this.#until.size >= MOST_REMEMBERED) this.#until.clear();
    this.#until.set(key, performance.now() + REMEMBERED_MS);
  }
}

/** What the index of terms says about a page: either these users are the page, or only they can be on it. */
export interface TermPage {
  readonly isPage: boolean;
  readonly ids: readonly UserId[];
  /** All that fulfil the filter; undefined if each has to be asked. */
  readonly total: number | undefined;
}

/**
 * Finds the users of a page by the terms of their documents (ADR 0039).
 * @returns undefined if the index cannot tell, or too many fulfil the filter
 * @throws StatementTimeout
 */
export async function findByTerms(
  db: Database,
  org: OrgId,
  page: Page,
  start: Start,
  common: CommonConditions,
): Promise<TermPage | undefined> {
  const condition = page.where === undefined ? undefined : termCondition(page.where, org);
  if (condition === undefined) return undefined;
  const key = JSON.stringify(valuesOf(org, condition));
  if (common.has(key)) return undefined;
  const hasOrder = condition.isExact && page.sort === undefined;
  const { hits, ids, unindexed } = await probe(db, org, condition, hasOrder ? { page, start } : undefined);
  if (hits > MOST_HITS) common.add(key);
  if (unindexed.length > MOST_UNINDEXED || hits > MOST_HITS) return undefined;
  const isCertain = condition.isExact && unindexed.length === 0;
  if (isCertain && hasOrder) return { isPage: true, ids, total: hits };
  if (hits > MOST_CANDIDATES) return undefined;
  const all = hasOrder ? (await probe(db, org, condition, undefined)).ids : ids;
  return { isPage: false, ids: [...all, ...unindexed], total: isCertain ? hits : undefined };
}

/**
 * Counts the users whose terms fulfil a predicate.
 * @returns also those of whom the index knows nothing, who have to be asked; undefined if terms are not enough to tell, or
 *   there are many of those
 * @throws StatementTimeout
 */
export async function countByTerms(
  db: Database,
  org: OrgId,
  where: Page['where'],
): Promise<{ readonly hits: number; readonly unindexed: readonly UserId[] } | undefined> {
  const condition = where === undefined ? undefined : termCondition(where, org);
  if (condition?.isExact !== true) return undefined;
  const values = valuesOf(org, condition);
  const [row] = await db.search<{ hits: number; unindexed: UserId[] }>(
    `${unindexedUsers} select (select count(*) from user_search s where ${hitsOf(condition)}) as hits,
      array(select user_id from unindexed) as unindexed`,
    values,
  );
  if (row === undefined || row.unindexed.length > MOST_UNINDEXED) return undefined;
  return row;
}

interface Probe {
  /** At most one more than `MOST_HITS`. */
  readonly hits: number;
  readonly ids: readonly UserId[];
  readonly unindexed: readonly UserId[];
}

/** @param part the part of the hits that is meant; without it, all of them */
async function probe(
  db: Database,
  org: OrgId,
  condition: TermCondition,
  part: { readonly page: Page; readonly start: Start } | undefined,
): Promise<Probe> {
  const values: unknown[] = valuesOf(org, condition);
  const limit = part === undefined ? MOST_CANDIDATES : Math.trunc(part.page.limit);
  const offset = part !== undefined && 'offset' in part.start ? Math.trunc(part.start.offset) : 0;
  const after = part !== undefined && 'after' in part.start ? part.start.after : undefined;
  const isAfter = after === undefined ? '' : `where user_id > $${values.push(after.id)}::uuid`;
  const [row] = await db.search<Probe>(
    `${unindexedUsers}, hits as materialized (
      select s.user_id from user_search s where ${hitsOf(condition)} limit ${MOST_HITS + 1}
    )
    select (select count(*) from hits) as hits, array(select user_id from unindexed) as unindexed,
      array(select user_id from hits ${isAfter} order by user_id limit ${limit} offset ${offset}) as ids`,
    values,
  );
  return row ?? { hits: 0, ids: [], unindexed: [] };
}

function valuesOf(org: OrgId, { clauses }: TermCondition): unknown[] {
  return [org, arrayOf([new TermHash(org).overflow()]), ...clauses.map(arrayOf)];
}

/** The organization is no condition of an index here: its index would have all of its users. */
function hitsOf({ clauses }: TermCondition): string {
  const hits = clauses.map((_, index) => `s.terms && $${index + 3}::bigint[]`);
  return `${hits.join(' and ')} and (s.org_id = $1) is true`;
}

/** Those whom an older version wrote, or whose document has more terms than are kept. */
const unindexedUsers = `with unindexed as materialized (
      (select user_id from user_search where org_id = $1 and terms is null limit ${MOST_UNINDEXED + 1})
      union all
      (select user_id from user_search where terms && $2::bigint[] and (org_id = $1) is true limit ${MOST_UNINDEXED + 1})
    )`;
