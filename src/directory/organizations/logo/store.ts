import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId } from '../../ids.ts';
import type { Image } from './rules/image.ts';

/** A logo and where it is served. */
export interface Logo extends Image {
  /** The last part of its path: no one guesses it, and another image has another one. */
  readonly address: string;
}

const byOrg: Statement = {
  name: 'logo-by-organization',
  text: 'select address, type, width, height from organization_logos where org_id = $1',
};

export async function findLogo(db: Executor, org: OrgId): Promise<Logo | undefined> {
  return (await db.query<Logo>(byOrg, [org]))[0];
}

const same: Statement = {
  name: 'logo-same',
  text: 'select from organization_logos where org_id = $1 and content = $2',
};

/** Whether an organization has this logo already. */
export async function hasLogo(tx: Executor, org: OrgId, content: Buffer): Promise<boolean> {
  return (await tx.query(same, [org, content])).length > 0;
}

const byAddress: Statement = {
  name: 'logo-by-address',
  text: 'select type, content from organization_logos where address = $1',
};

/** The image at an address, of any organization: the address is its only key. */
export async function findLogoContent(
  db: Executor,
  address: string,
): Promise<{ readonly type: string; readonly content: Buffer } | undefined> {
  return (await db.query<{ type: string; content: Buffer }>(byAddress, [address]))[0];
}

const write: Statement = {
  name: 'logo-write',
  text: `insert into organization_logos (org_id, address, type, width, height, content, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (org_id) do update set address = excluded.address, type = excluded.type, width = excluded.width,
      height = excluded.height, content = excluded.content, created_at = excluded.created_at`,
};

/** @param at ISO 8601 */
export async function writeLogo(
  tx: Executor,
  org: OrgId,
  { address, type, width, height }: Logo,
  content: Buffer,
  at: string,
): Promise<void> {
  await tx.query(write, [org, address, type, width, height, content, at]);
}

const remove: Statement = {
  name: 'logo-delete',
  text: 'delete from organization_logos where org_id = $1 returning type',
};

/** @returns the type of the image; undefined if there was none */
export async function deleteLogo(tx: Executor, org: OrgId): Promise<string | undefined> {
  return (await tx.query<{ type: string }>(remove, [org]))[0]?.type;
}
