import type { OrgId, UserId } from '../directory/ids.ts';
import { managedGroups, reach } from '../directory/roles/authority.ts';
import { compareRoles, highestRole, ROLES } from '../directory/roles/rules/roles.ts';
import { findRightsOf } from '../directory/roles/store.ts';
import type { Role } from '../directory/users/user.ts';
import type { Executor } from '../platform/db/statement.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { NewItem, Review, Snapshot, SnapshotElevation, SnapshotGrant } from './review.ts';
import { type Candidate, reviewersOf } from './rules/assignment.ts';
import { type Peers, suggestForAccount, suggestForKey, suggestForUser } from './rules/suggestion.ts';
import { usageOf } from './rules/usage.ts';
import {
  type CausedAction,
  type FoundAccount,
  type FoundKey,
  type FoundUser,
  findAccounts,
  findCausedActions,
  findGroupFacts,
  findKeys,
  findUsersInScope,
} from './store/facts.ts';
import { findAdministrators } from './store/reviewers.ts';

const DAY_MS = 86_400_000;
/** Grants that one item shows. */
const MOST_GRANTS = 50;

/** What is known of a group, read once however many of its members are reviewed. */
interface GroupFacts {
  readonly roles: ReadonlyMap<Role, number>;
  readonly managers: readonly Candidate[];
  readonly grants: readonly SnapshotGrant[];
}

/** Some subjects of a review as items, and where to go on; undefined at the end of the phase. */
export interface Batch {
  readonly items: readonly NewItem[];
  readonly next: string | undefined;
}

export interface SnapshotReader {
  /** The subjects behind `review.nextSubject` in its phase. */
  read(tx: Executor, review: Review, limit: number): Promise<Batch>;
}

/** Builds what turns users, service accounts and keys into items. It remembers groups: make one for each review. */
export function createSnapshotReader(org: OrgId, now: () => Date): SnapshotReader {
  const groups = new Map<string, GroupFacts>();
  let named: readonly Candidate[] | undefined;

  /** Those whom the rule names for everybody. */
  const namedReviewers = async (tx: Executor, { reviewers }: Review): Promise<readonly Candidate[]> => {
    if (reviewers.rule === 'owners') named ??= await candidates(tx, await findAdministrators(tx, org, true));
    if (reviewers.rule === 'people') named ??= await candidates(tx, (reviewers.users ?? []) as UserId[]);
    return named ?? [];
  };

  const candidates = async (tx: Executor, ids: readonly UserId[]): Promise<readonly Candidate[]> => {
    const rights = await findRightsOf(tx, org, ids, now().toISOString());
    return rights.flatMap((each) => {
      const scope = reach(each, 'reviews:decide');
      if (scope === 'none') return [];
      return [{ id: each.id, groups: scope === 'all' ? undefined : managedGroups(each) }];
    });
  };

  const learnGroups = async (tx: Executor, ids: Iterable<string>): Promise<void> => {
    const unknown = [...new Set(ids)].filter((id) => !groups.has(id));
    const found = await findGroupFacts(tx, org, unknown);
    const managers = await candidates(tx, [...new Set(found.managers.map(({ user }) => user))]);
    const managerById = new Map(managers.map((manager) => [manager.id, manager]));
    for (const id of unknown) {
      groups.set(id, {
        roles: new Map(
          found.roles.filter(({ group }) => group === id).map(({ role, members }) => [role, members]),
        ),
        managers: found.managers
          .filter(({ group }) => group === id)
          .flatMap(({ user }) => managerById.get(user) ?? []),
        grants: found.grants.filter(({ group }) => group === id),
      });
    }
  };

  const reviewersFor = async (tx: Executor, review: Review, user: FoundUser): Promise<string[]> => {
    const { rule } = review.reviewers;
    const ofGroups = user.groups
      .filter(({ id }) => rule === 'managers' || review.scope.groups?.includes(id) === true)
      .flatMap(({ id }) => groups.get(id)?.managers ?? []);
    const chosen =
      rule === 'managers' || rule === 'group_managers' ? ofGroups : await namedReviewers(tx, review);
    return reviewersOf(chosen, { userId: user.id, groups: user.groups.map(({ id }) => id) });
  };

  const readUsers = async (tx: Executor, review: Review, limit: number): Promise<Batch> => {
    const period = { from: review.periodFrom, now: new Date(review.createdAt) };
    const page = { after: review.nextSubject, limit };
    const found = await findUsersInScope(tx, org, review.scope, period, page);
    await learnGroups(
      tx,
      found.flatMap((user) => user.groups.map(({ id }) => id)),
    );
    const ids = found.map(({ id }) => id);
    const caused = byUser(await findCausedActions(tx, org, ids, review.periodFrom));
    const items: NewItem[] = [];
    for (const user of found) {
      const reviewers = await reviewersFor(tx, review, user);
      items.push(itemOfUser(user, caused.get(user.id) ?? [], reviewers, groups, review, now()));
    }
    return { items, next: found.length < limit ? undefined : found.at(-1)?.id };
  };

  const readAccounts = async (tx: Executor, review: Review, limit: number): Promise<Batch> => {
    const found = await findAccounts(tx, org, now(), { after: review.nextSubject, limit });
    const chosen = await namedReviewers(tx, review);
    return {
      items: found.map((account) => itemOfAccount(account, chosen, review, now())),
      next: found.length < limit ? undefined : found.at(-1)?.id,
    };
  };

  const readKeys = async (tx: Executor, review: Review, limit: number): Promise<Batch> => {
    const found = await findKeys(tx, org, now(), { after: review.nextSubject, limit });
    const chosen = await namedReviewers(tx, review);
    return {
      items: found.map((key) => itemOfKey(key, chosen, review, now())),
      next: found.length < limit ? undefined : found.at(-1)?.id,
    };
  };

  return {
    read: (tx, review, limit) => {
      if (review.phase === 'users') return readUsers(tx, review, limit);
      return review.phase === 'service_accounts'
        ? readAccounts(tx, review, limit)
        : readKeys(tx, review, limit);
    },
  };
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

function itemOfUser(
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
      hasSignedIn: user.lastLoginAt !== null || user.lastActiveAt !== null,
      roleGroups: groupRoles
        .filter((group) => compareRoles(group.role, role) > 0)
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

function itemOfAccount(
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

function itemOfKey(
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

function byUser(actions: readonly CausedAction[]): ReadonlyMap<string, readonly CausedAction[]> {
  const grouped = new Map<string, CausedAction[]>();
  for (const action of actions) {
    const known = grouped.get(action.user);
    if (known === undefined) grouped.set(action.user, [action]);
    else known.push(action);
  }
  return grouped;
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
