import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId } from '../../ids.ts';

const anotherOwner: Statement = {
  name: 'user-active-owner-exists',
  text: `select exists (
    select from users where org_id = $1 and role = 'admin' and owner and status = 'active' and deleted_at is null
  ) as held`,
};

/** Whether the organization has an active owner. */
export async function activeOwnerExists(db: Executor, org: OrgId): Promise<boolean> {
  const [row] = await db.query<{ held: boolean }>(anotherOwner, [org]);
  return row?.held === true;
}

const lock: Statement = {
  name: 'organization-lock',
  text: `select pg_advisory_xact_lock(hashtextextended($1::text, 0))`,
};

/** Holds the organization's lock until the transaction ends (see ../../command-runner.ts). */
export async function lockOrganization(tx: Executor, org: OrgId): Promise<void> {
  await tx.query(lock, [org]);
}
