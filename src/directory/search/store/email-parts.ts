import type { Database } from '../../../platform/db/database.ts';
import type { OrgId, UserId } from '../../ids.ts';
import type { Predicate } from '../predicate.ts';

/** So many candidates of which each is asked by its document. */
const MOST_CANDIDATES = 5_000;

/**
 * Finds who may have an address with a part, by the keys of the addresses: their index is read, the documents are not.
 * @returns undefined if the predicate asks something else, or there are many
 * @throws StatementTimeout
 */
export async function findByEmailPart(
  db: Database,
  org: OrgId,
  predicate: Predicate,
): Promise<readonly UserId[] | undefined> {
  const part = partOf(predicate);
  if (part === undefined) return undefined;
  const { comparator, text } = part;
  const matches = {
    sw: `k.email_key >= $2 and starts_with(k.email_key, $2) and k.email_key < $2 || chr(127)`,
    co: `strpos(k.email_key, $2) > 0`,
    ew: `right(k.email_key, length($2)) = $2`,
  }[comparator];
  const rows = await db.search<{ id: UserId }>(
    `(select k.user_id as id from user_email_keys k where k.org_id = $1 and ${matches} limit ${MOST_CANDIDATES + 1})
      union
      (select k.user_id from user_email_keys k
        where k.org_id = $1 and octet_length(k.email_key) <> char_length(k.email_key) limit ${MOST_CANDIDATES + 1})`,
    [org, text],
  );
  return rows.length > MOST_CANDIDATES ? undefined : rows.map(({ id }) => id);
}

/** Printable ASCII, which keys and documents fold alike. */
const ASCII = /^[\x20-\x7e]+$/;

interface EmailPart {
  readonly comparator: 'sw' | 'co' | 'ew';
  readonly text: string;
}

/** A part that an address must have for a user to fulfil the predicate. */
function partOf(predicate: Predicate): EmailPart | undefined {
  if (predicate.kind === 'and') return predicate.all.map(partOf).find((part) => part !== undefined);
  if (predicate.kind !== 'some' || predicate.collection.kind !== 'document') return undefined;
  if (predicate.collection.keys.join('.') !== 'emails') return undefined;
  const { where } = predicate;
  const all = where?.kind === 'and' ? where.all : [where];
  for (const each of all) {
    if (each?.kind !== 'compare' || each.field.kind !== 'document') continue;
    const { comparator, value, field } = each;
    if (comparator !== 'sw' && comparator !== 'co' && comparator !== 'ew') continue;
    if (field.keys.join('.') === 'value' && typeof value === 'string' && ASCII.test(value)) {
      return { comparator, text: value.toLowerCase() };
    }
  }
  return undefined;
}
