import type { Database } from '../../../platform/db/database.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId, UserId } from '../../ids.ts';
import type { Profile } from '../../users/user.ts';
import { termsOf } from '../terms.ts';

const BATCH = 500;

interface UnindexedRow {
  readonly org: OrgId;
  readonly id: UserId;
  readonly version: number;
  readonly profile: string | null;
}

/** The user is locked first, as a writer does: otherwise what is computed could be of a profile that is being replaced. */
const unindexed: Statement = {
  name: 'user-search-unindexed',
  text: `select u.org_id as org, u.id, u.version, case when u.deleted_at is null then u.profile::text end as profile
    from user_search s join users u on u.org_id = s.org_id and u.id = s.user_id
    where s.terms is null and (s.org_id, s.user_id) > ($1::uuid, $2::uuid)
    order by s.org_id, s.user_id limit ${BATCH} for no key update of u`,
};

const fill: Statement = {
  name: 'user-search-fill',
  text: `update user_search s set terms = g.terms::bigint[], terms_version = g.version
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) as g (org_id, id, terms, version)
    where s.org_id = g.org_id and s.user_id = g.id`,
};

/**
 * Computes the terms of the users that have none, of every organization: those of before the index, and those whom an older
 * version of the server wrote. Until then filters ask each of them.
 * @returns how many
 * @throws the reason of `signal` between two batches once it is aborted
 */
export async function fillTerms(db: Database, signal: AbortSignal): Promise<number> {
  let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'];
  for (let filled = 0; ; ) {
    signal.throwIfAborted();
    const rows = await db.transaction('fill_terms', (tx) => fillBatch(tx, after));
    const last = rows.at(-1);
    filled += rows.length;
    if (last === undefined || rows.length < BATCH) return filled;
    after = [last.org, last.id];
  }
}

async function fillBatch(tx: Executor, after: readonly string[]): Promise<readonly UnindexedRow[]> {
  const rows = await tx.query<UnindexedRow>(unindexed, [...after]);
  if (rows.length === 0) return rows;
  await tx.query(fill, [
    rows.map(({ org }) => org),
    rows.map(({ id }) => id),
    rows.map(({ org, profile }) => (profile === null ? '{}' : termsOf(org, JSON.parse(profile) as Profile))),
    rows.map(({ version }) => version),
  ]);
  return rows;
}
