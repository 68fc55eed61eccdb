import { compareRoles, highestRole, ROLES } from '../directory/roles/rules/roles.ts';
import type { Role } from '../directory/users/user.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { NewItem, Review, Snapshot, SnapshotElevation, SnapshotGrant } from './review.ts';
import { type Candidate, reviewersOf } from './rules/assignment.ts';
import { type Peers, suggestForAccount, suggestForKey, suggestForUser } from './rules/suggestion.ts';
import { usageOf } from './rules/usage.ts';
import type { CausedAction, FoundAccount, FoundKey, FoundUser } from './store/facts.ts';

const DAY_MS = 86_400_000;
/** Grants that one item shows. */
const MOST_GRANTS = 50;

/** What is known of a group, read once however many of its members are reviewed. */
export interface GroupFacts {
  readonly roles: ReadonlyMap<Role, number>;
  readonly managers: readonly Candidate[];
  readonly grants: readonly SnapshotGrant[];
}

const NOTHING: Snapshot = {
  status: 'active',
  role: null,
  effectiveRole: null,
  owner: false,
  source: null,
  managed: false,
  groups: [],
  grants: [],
  elevations: [],
  createdAt: '',
  expiresAt: null,
  lastLoginAt: null,
  lastActiveAt: null,
  activityEvents: null,
  rights: null,
  scopes: null,
  serviceAccount: null,
};

/** A user as an item. @param caused what they did in the period @param groups what is known of their groups */
export function itemOfUser(
  user: FoundUser,
  caused: readonly CausedAction[],
  reviewers: readonly string[],
  groups: ReadonlyMap<string, GroupFacts>,
  { inactiveDays }: Review,
  now: Date,
): NewItem {
  const { role, owner, status } = user;
  const groupRoles = user.groups.flatMap((group) =>
    group.role === null ? [] : [{ ...group, role: group.role }],
  );
  const effectiveRole = highestRole(role, ...groupRoles.map((group) => group.role), ...(user.elevated ?? []));
  const rights = usageOf(effectiveRole, owner, caused);
  const idleDays = daysSince(latest(user.lastActiveAt, user.lastLoginAt, user.createdAt), now);
  const suggestion = suggestForUser(
    {
      status,
      role,
      effectiveRole,
      owner,
      idleDays,
      ageDays: daysSince(user.createdAt, now),
      hasSignedIn: user.lastLoginAt !== null || user.lastActiveAt !== null,
      roleGroups: groupRoles
        .filter((group) => compareRoles(group.role, role) > 0)
        .map((group) => ({ ...group, isByPattern: group.sources.includes('pattern') }))
        .toSorted((left, right) => compareRoles(right.role, left.role)),
      usage: rights,
      elevatedTo: user.elevations.map((each) => each.role),
      peers: user.groups.flatMap(({ id, name }) => peersIn(name, groups.get(id)?.roles, role, status)),
    },
    inactiveDays,
  );
  return {
    id: uuidv7(now.getTime()),
    subjectType: 'user',
    subjectId: user.id,
    userId: user.id,
    reviewers,
    suggestion,
    snapshot: {
      ...NOTHING,
      status,
      role,
      effectiveRole,
      owner,
      source: user.source,
      managed: user.managed,
      groups: user.groups,
      grants: user.groups.flatMap(({ id }) => groups.get(id)?.grants ?? []).slice(0, MOST_GRANTS),
      elevations: user.elevations.map(withIsoTimes),
      createdAt: user.createdAt,
      lastLoginAt: user.lastLoginAt,
      lastActiveAt: user.lastActiveAt,
      activityEvents: user.activity,
      rights,
    },
  };
}

/** A service account as an item. @param chosen whom the rule names for everybody */
export function itemOfAccount(
  account: FoundAccount,
  chosen: readonly Candidate[],
  { inactiveDays }: Review,
  now: Date,
): NewItem {
  const idleDays = daysSince(latest(account.lastUsedAt, account.createdAt), now);
  return {
    id: uuidv7(now.getTime()),
    subjectType: 'service_account',
    subjectId: account.id,
    userId: account.owner,
    reviewers: reviewersOf(chosen, { userId: account.owner, groups: undefined }),
    suggestion: suggestForAccount({ ...account, idleDays }, inactiveDays),
    snapshot: {
      ...NOTHING,
      status: account.status,
      role: account.role,
      effectiveRole: account.role,
      createdAt: account.createdAt,
      lastActiveAt: account.lastUsedAt,
    },
  };
}

/** A key as an item. @param chosen as of `itemOfAccount` */
export function itemOfKey(
  key: FoundKey,
  chosen: readonly Candidate[],
  { inactiveDays }: Review,
  now: Date,
): NewItem {
  const idleDays = daysSince(latest(key.lastUsedAt, key.createdAt), now);
  const { lastUsedAt, expiresAt, holderIsActive, role } = key;
  return {
    id: uuidv7(now.getTime()),
    subjectType: 'api_key',
    subjectId: key.id,
    userId: key.user,
    reviewers: reviewersOf(chosen, { userId: key.user, groups: undefined }),
    suggestion: suggestForKey(
      { idleDays, wasUsed: lastUsedAt !== null, expires: expiresAt !== null, holderIsActive, role },
      inactiveDays,
    ),
    snapshot: {
      ...NOTHING,
      role,
      effectiveRole: role,
      createdAt: key.createdAt,
      expiresAt,
      lastActiveAt: lastUsedAt,
      scopes: key.scopes,
      serviceAccount: key.account,
    },
  };
}

/** The other active members of a group, by their direct roles. */
function peersIn(
  group: string,
  roles: ReadonlyMap<Role, number> | undefined,
  role: Role,
  status: FoundUser['status'],
): Peers[] {
  if (roles === undefined) return [];
  const counts = ROLES.map((each) => {
    const members = roles.get(each) ?? 0;
    return { role: each, members: each === role && status === 'active' ? members - 1 : members };
  });
  const others = counts.reduce((sum, { members }) => sum + members, 0);
  const below = counts
    .filter((each) => compareRoles(each.role, role) < 0)
    .reduce((sum, { members }) => sum + members, 0);
  const [usual] = counts.toSorted((left, right) => right.members - left.members);
  return usual === undefined ? [] : [{ group, others, below, usual: usual.role }];
}

/** Postgres writes times inside JSON in its own way. */
const withIsoTimes = ({ startsAt, expiresAt, ...elevation }: SnapshotElevation): SnapshotElevation => ({
  ...elevation,
  startsAt: new Date(startsAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
});

const latest = (...times: readonly (string | null)[]): string =>
  times
    .filter((time) => time !== null)
    .toSorted()
    .at(-1) ?? new Date(0).toISOString();

const daysSince = (time: string, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / DAY_MS));
