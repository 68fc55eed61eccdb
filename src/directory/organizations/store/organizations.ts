import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, OrgId, UserId } from '../../ids.ts';

const anyOrganization: Statement = {
  name: 'organization-exists',
  text: 'select exists (select from organizations) as found',
};

/** Whether there is any organization at all: the one question that is about no organization. */
export async function organizationExists(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(anyOrganization, []);
  return row?.found === true;
}

const listAll: Statement = {
  name: 'organizations-all',
  text: `select id, name, demonstration_of is not null as "isDemonstration" from organizations order by name, id`,
};

/** Every organization, demonstrations too. */
export function listOrganizations(
  db: Executor,
): Promise<{ id: OrgId; name: string; isDemonstration: boolean }[]> {
  return db.query(listAll, []);
}

const ownersOf: Statement = {
  name: 'organization-owners',
  text: `select id, coalesce(email, user_name) as email from users
    where org_id = $1 and owner and role = 'admin' and status = 'active' and deleted_at is null order by email`,
};

/** The active owners of an organization. */
export function listOwners(db: Executor, org: OrgId): Promise<{ id: UserId; email: string }[]> {
  return db.query(ownersOf, [org]);
}

const nameOf: Statement = { name: 'organization-name', text: 'select name from organizations where id = $1' };

export async function findOrganizationName(db: Executor, org: OrgId): Promise<string> {
  return (await db.query<{ name: string }>(nameOf, [org]))[0]?.name ?? '';
}

const insertOrg: Statement = {
  name: 'organization-insert',
  text: 'insert into organizations (id, name, created_at, demonstration_of) values ($1, $2, $3, $4)',
};

/** @param demonstrationOf the organization that loads it, of a demonstration */
export async function insertOrganization(
  db: Executor,
  org: OrgId,
  name: string,
  at: string,
  demonstrationOf?: OrgId,
): Promise<void> {
  await db.query(insertOrg, [org, name, at, demonstrationOf ?? null]);
}

const insertLink: Statement = {
  name: 'connection-insert',
  text: 'insert into connections (org_id, id, name, strict, created_at) values ($1, $2, $3, $4, $5)',
};

export async function insertConnection(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  name: string,
  strict: boolean,
  at: string,
): Promise<void> {
  await db.query(insertLink, [org, connection, name, strict, at]);
}

const insertPassword: Statement = {
  name: 'user-password-insert',
  text: 'insert into user_passwords (org_id, user_id, hash, changed_at) values ($1, $2, $3, $4)',
};

/** @param hash an encoded argon2id hash, never a password */
export async function insertPasswordHash(
  db: Executor,
  org: OrgId,
  user: string,
  hash: string,
  at: string,
): Promise<void> {
  await db.query(insertPassword, [org, user, hash, at]);
}

const lock: Statement = {
  name: 'bootstrap-lock',
  text: `select pg_advisory_xact_lock(hashtextextended('rollcall bootstrap', 0))`,
};

/** Lets one process at a time make the first organization; held until the transaction ends. */
export async function lockBootstrap(tx: Executor): Promise<void> {
  await tx.query(lock, []);
}
