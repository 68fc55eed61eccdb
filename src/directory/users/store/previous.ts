import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId, UserId } from '../../ids.ts';
import { provisions } from '../../store/fragments.ts';
import type { Profile } from '../user.ts';

/** What a user was called, before a connection changed it or the user was deleted. */
export interface PreviousProfile {
  readonly userName: string;
  readonly profile: Profile;
}

const previous: Statement = {
  name: 'previous-profile',
  text: `select user_name as "userName", profile from previous_profiles where org_id = $1 and user_id = $2 and at = $3`,
};

/** @param at ISO 8601, when it was replaced */
export async function findPreviousProfile(
  tx: Executor,
  org: OrgId,
  user: UserId,
  at: string,
): Promise<PreviousProfile | undefined> {
  return (await tx.query<PreviousProfile>(previous, [org, user, at]))[0];
}

const relink: Statement = {
  name: 'user-relink',
  text: `insert into user_links (org_id, user_id, connection_id, external_id)
    select $1, $2, (x ->> 'connection')::uuid, x ->> 'externalId'
    from previous_profiles p, jsonb_array_elements(coalesce(p.links, '[]')) as x
    where p.org_id = $1 and p.user_id = $2 and p.at = $3 and ${provisions("(x ->> 'connection')::uuid")}
    on conflict do nothing`,
};

/** Has the connections provision a user again who did when the user was deleted. @param at ISO 8601, when that was */
export async function restoreLinks(tx: Executor, org: OrgId, user: UserId, at: string): Promise<void> {
  await tx.query(relink, [org, user, at]);
}
