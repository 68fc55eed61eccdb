import type { GroupId, OrgId } from '../../directory/ids.ts';
import { displayNameOf } from '../../directory/store/fragments.ts';
import type { Database } from '../../platform/db/database.ts';

/** Some people of whom something is true: how many, up to a limit, and what the first are called. */
export interface FoundPeople {
  readonly what: 'invitations' | 'never' | 'inactive';
  readonly found: number;
  /** Three at most. */
  readonly names: readonly string[] | null;
  /** The newest time that makes it true, ISO 8601. */
  readonly at: string | null;
}

/** Users whom one look reads at most: beyond them counts are of those, and too small. */
const LOOKED_AT = 5_000;

const name = `coalesce(${displayNameOf('u')}, u.email, u.user_name)`;

/** The users of an index, the first `LOOKED_AT`; `$2` are the groups that the caller sees, null for everyone. */
const read = (range: string, order: string) =>
  `select u.id, ${name} as name, u.status, u.created_at, u.last_login_at, u.last_active_at, u.deleted_at from users u
      where u.org_id = $1 and ${range} and ($2::uuid[] is null or u.id in (
        select m.user_id from group_members m where m.org_id = $1 and m.group_id = any($2) limit ${LOOKED_AT}))
      order by ${order} limit ${LOOKED_AT}`;

const part = (what: FoundPeople['what'], rows: string) =>
  `(with found as materialized (${rows} limit $5)
    select '${what}' as what, (select count(*)::integer from found) as found,
      (select array_agg(name) from (select name from found limit 3) first) as names, (select max(at) from found) as at)`;

const lastSeen = 'greatest(u.last_active_at, u.last_login_at, u.created_at)';

/**
 * Invitations that expired unused, active people who never signed in though they were here before `joinedBefore`, and
 * people without activity since `seenBefore`.
 * @param groups only members of these; undefined for everyone
 * @param most where counting stops
 */
export function findPeople(
  db: Database,
  org: OrgId,
  groups: readonly GroupId[] | undefined,
  times: { readonly now: string; readonly joinedBefore: string; readonly seenBefore: string },
  most: number,
): Promise<FoundPeople[]> {
  const invitations = `select u.name, i.expires_at as at from (${read(`u.status = 'pending'`, 'u.id')}) u
      cross join lateral (select expires_at, accepted_at, revoked_at from invitations i
        where i.org_id = $1 and i.user_id = u.id order by i.id desc limit 1) i
      where u.deleted_at is null and i.accepted_at is null and i.revoked_at is null and i.expires_at <= $3::timestamptz`;
  const never = `select u.name, u.created_at as at from (${read('u.last_login_at is null', 'u.id')}) u
      where u.status = 'active' and u.deleted_at is null and u.created_at < $4::timestamptz`;
  const inactive = `select u.name, ${lastSeen} as at from (${read(`${lastSeen} < $6::timestamptz`, `${lastSeen}, u.id`)}) u
      where u.status = 'active' and u.deleted_at is null and u.last_login_at is not null`;
  const parts = [part('invitations', invitations), part('never', never), part('inactive', inactive)];
  return db.search<FoundPeople>(parts.join(' union all '), [
    org,
    groups ?? null,
    times.now,
    times.joinedBefore,
    most + 1,
    times.seenBefore,
  ]);
}
