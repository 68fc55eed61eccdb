import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId, UserId } from '../ids.ts';

const countOwned: Statement = {
  name: 'resources-count-owned',
  text: 'select count(*) as owned from resources where org_id = $1 and owner_id = $2',
};

export async function countOwnedResources(db: Executor, org: OrgId, owner: UserId): Promise<number> {
  return (await db.query<{ owned: number }>(countOwned, [org, owner]))[0]?.owned ?? 0;
}

const transfer: Statement = {
  name: 'resources-transfer',
  text: `update resources set owner_id = $3, version = version + 1, updated_at = $5
    where org_id = $1 and owner_id = $2 and ($4::uuid[] is null or id = any($4)) returning id`,
};

/** Gives what one person owns, all of it or some, to another. @returns the ids of what changed hands */
export async function transferResources(
  tx: Executor,
  org: OrgId,
  from: UserId,
  to: UserId,
  only: readonly string[] | undefined,
  at: string,
): Promise<string[]> {
  return (await tx.query<{ id: string }>(transfer, [org, from, to, only ?? null, at])).map(({ id }) => id);
}
