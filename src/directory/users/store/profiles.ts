import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, OrgId, UserId } from '../../ids.ts';
import type { Profile } from '../user.ts';

/** What a connection calls a user. */
export interface ExternalId {
  readonly connectionId: ConnectionId;
  readonly connectionName: string;
  readonly externalId: string | null;
}

/** A user's document, and what each connection that provisions the user calls them. */
export interface DirectoryProfile {
  readonly profile: Profile;
  readonly externalIds: readonly ExternalId[];
}

const byId: Statement = {
  name: 'directory-profile',
  text: `select u.profile::text as profile, (
      select json_agg(json_build_object('connectionId', l.connection_id, 'connectionName', c.name,
        'externalId', l.external_id) order by l.connection_id)::text
      from user_links l join connections c on c.org_id = l.org_id and c.id = l.connection_id
      where l.org_id = u.org_id and l.user_id = u.id
    ) as links
    from users u where u.org_id = $1 and u.id = $2`,
};

/** @returns nothing but empty parts for a user that is not there */
export async function findDirectoryProfile(db: Executor, org: OrgId, id: UserId): Promise<DirectoryProfile> {
  const [row] = await db.query<{ profile: string; links: string | null }>(byId, [org, id]);
  return {
    profile: JSON.parse(row?.profile ?? '{}') as Profile,
    externalIds: JSON.parse(row?.links ?? '[]') as ExternalId[],
  };
}

const setExternalId: Statement = {
  name: 'directory-user-set-external-id',
  text: `with l as (
      update user_links set external_id = $4 where org_id = $1 and user_id = $2 and connection_id = $3
      returning user_id
    )
    update users u set version = version + 1, updated_at = $5 from l where u.org_id = $1 and u.id = l.user_id`,
};

/** Changes what a connection that provisions a user calls them. @param at ISO 8601 */
export async function writeExternalId(
  tx: Executor,
  org: OrgId,
  id: UserId,
  connection: ConnectionId,
  externalId: string | null,
  at: string,
): Promise<void> {
  await tx.query(setExternalId, [org, id, connection, externalId, at]);
}
