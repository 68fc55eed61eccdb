import type { OrgId, UserId } from '../directory/ids.ts';
import { managedGroups, reach } from '../directory/roles/authority.ts';
import { findRightsOf } from '../directory/roles/store.ts';
import type { Executor } from '../platform/db/statement.ts';
import { type GroupFacts, itemOfAccount, itemOfKey, itemOfUser } from './item-of-subject.ts';
import type { NewItem, Review } from './review.ts';
import { type Candidate, reviewersOf } from './rules/assignment.ts';
import {
  type CausedAction,
  type FoundUser,
  findAccounts,
  findCausedActions,
  findGroupFacts,
  findKeys,
  findUsersInScope,
} from './store/facts.ts';
import { findAdministrators } from './store/reviewers.ts';

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

function byUser(actions: readonly CausedAction[]): ReadonlyMap<string, readonly CausedAction[]> {
  const grouped = new Map<string, CausedAction[]>();
  for (const action of actions) {
    const known = grouped.get(action.user);
    if (known === undefined) grouped.set(action.user, [action]);
    else known.push(action);
  }
  return grouped;
}
