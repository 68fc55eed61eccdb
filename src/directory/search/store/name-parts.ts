import type { Database } from '../../../platform/db/database.ts';
import type { OrgId, UserId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { NamedField, Predicate } from '../predicate.ts';

/** So many candidates, each of which is asked by its columns. */
const MOST_CANDIDATES = 5_000;
/** Characters that the index of three in a row needs. */
const SHORTEST = 3;
const NAMES: ReadonlySet<NamedField> = new Set<NamedField>(['userName', 'displayName']);

/**
 * Finds who may have a userName or displayName with a part, by the index that people are searched by (ADR 0026).
 * Users whose row an older version of the server wrote are candidates.
 * @returns undefined if the predicate asks something else, or there are many
 * @throws StatementTimeout
 */
export async function findByNamePart(
  db: Database,
  org: OrgId,
  predicate: Predicate,
): Promise<readonly UserId[] | undefined> {
  const part = partOf(predicate);
  if (part === undefined) return undefined;
  const rows = await db.search<{ id: UserId }>(
    `(select s.user_id as id from user_search s
        where s.org_id = $1 and search_grams(s.org_id, s.text) @> search_grams($1::uuid, $2) and strpos(s.text, $2) > 0
        limit ${MOST_CANDIDATES + 1})
      union
      (select s.user_id from user_search s where s.org_id = $1 and s.terms is null limit ${MOST_CANDIDATES + 1})`,
    [org, part],
  );
  return rows.length > MOST_CANDIDATES ? undefined : rows.map(({ id }) => id);
}

/** A part, folded as the index has it, that a name must have for a user to fulfil the predicate. */
function partOf(predicate: Predicate): string | undefined {
  if (predicate.kind === 'and') return predicate.all.map(partOf).find((part) => part !== undefined);
  if (predicate.kind !== 'compare' || predicate.field.kind !== 'named') return undefined;
  if (!NAMES.has(predicate.field.name)) return undefined;
  if (predicate.comparator !== 'co' && predicate.comparator !== 'ew') return undefined;
  const part = caseKey(String(predicate.value));
  return [...part].length < SHORTEST ? undefined : part;
}
