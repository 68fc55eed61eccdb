import { createHash } from 'node:crypto';
import type { Batch } from '../batch.ts';
import { ITEM_KINDS, type ItemKind, type PastEvent, type Transition, transitionsOf } from './transitions.ts';

/** What becomes of an item, or has: it is undone, stays as it is, or could not be undone. */
export const ITEM_RESULTS = ['undo', 'skip', 'failed'] as const;
export type ItemResult = (typeof ITEM_RESULTS)[number];

/** Why something stays as it is. */
export type SkipCode =
  | 'changed_since'
  | 'already_so'
  | 'user_gone'
  | 'group_gone'
  | 'erased'
  | 'not_kept'
  | 'owner_only'
  | 'self_change';

/** What the batch did to one thing, and what an undo makes of it. */
export interface PlannedItem {
  readonly kind: ItemKind;
  readonly user: string | null;
  readonly group: string | null;
  /** The value before the batch, to which the undo returns, and the one after it. */
  readonly from: string | null;
  readonly to: string | null;
  /** Of a profile: the names of what changed. */
  readonly attributes: readonly string[];
  /** ISO 8601: when the batch first changed it; what it had before is kept under this time. */
  readonly at: string;
  readonly skip?: {
    readonly code: SkipCode;
    /** Who changed it since, and when. */
    readonly actor?: { readonly type: string; readonly id: string };
    readonly at?: string;
    /** What it was changed to. */
    readonly to?: string | null;
  };
}

/** What is so at this moment, for a plan; a thing that is in no map is not checked. */
export interface PresentState {
  /** Users who are there or deleted; others are erased. */
  readonly users: ReadonlyMap<
    string,
    { readonly status: string; readonly role: string; readonly owner: boolean; readonly deleted: boolean }
  >;
  readonly groups: ReadonlySet<string>;
  /** `group user`: the role in the group. */
  readonly memberships: ReadonlyMap<string, string>;
  /** `user at` of profiles that are kept. */
  readonly profiles: ReadonlySet<string>;
  /** The places (`placeOf`) of changes before which history knows what was there. */
  readonly before: ReadonlySet<string>;
}

/** Names a change of a membership, or without a user of a group. */
export const placeOf = (group: string | null, user: string | null, at: string): string =>
  `${group} ${user ?? ''} ${at}`;

/** Who plans, as far as guards depend on it. */
export interface Planner {
  readonly user: string;
  readonly isOwner: boolean;
}

interface Step {
  readonly event: PastEvent;
  readonly transition: Transition;
}

const keyOf = ({ kind, user, group }: Pick<Transition, 'kind' | 'user' | 'group'>): string =>
  [kind, user ?? '', group ?? ''].join(' ');

/**
 * Decides what an undo of a batch does: everything that the batch changed goes back to what it was before, unless someone
 * else has changed it since.
 * @param events the batch and all that happened to the same users and groups since it began, in the order of their ids
 */
export function planUndo(
  events: readonly PastEvent[],
  present: PresentState,
  planner: Planner,
): readonly PlannedItem[] {
  const steps = new Map<string, Step[]>();
  for (const event of events) {
    for (const transition of transitionsOf(event)) {
      const key = keyOf(transition);
      const known = steps.get(key);
      if (known === undefined) steps.set(key, [{ event, transition }]);
      else known.push({ event, transition });
    }
  }
  const items: PlannedItem[] = [];
  for (const all of steps.values()) {
    const item = itemOf(all);
    if (item !== undefined) items.push(item);
  }
  const made = (kind: 'account' | 'group') =>
    new Map(
      items
        .filter((item) => item.kind === kind && item.from === 'none' && item.to === 'present')
        .map((item) => [kind === 'account' ? item.user : item.group, item]),
    );
  const [accounts, groups] = [made('account'), made('group')];
  const othersSince = firstOthers(events);
  const deleted = lastDeletions(events);
  const returning = new Set(
    items.flatMap(({ kind, to, user, group }) =>
      (kind === 'account' || kind === 'group') && to === 'deleted' ? [user ?? group] : [],
    ),
  );
  return items
    .filter(
      // What was created goes as a whole, with all that the batch did to it.
      ({ kind, user, group }) =>
        (kind === 'account' || !accounts.has(user)) && (kind === 'group' || !groups.has(group)),
    )
    .map((item) => {
      const isMade = accounts.get(item.user) === item || groups.get(item.group) === item;
      const since = isMade ? othersSince.get((item.user ?? item.group) as string) : undefined;
      return item.skip !== undefined || since === undefined ? item : { ...item, skip: changedSince(since) };
    })
    .map((item) => {
      if (item.skip !== undefined) return item;
      const code = skipCode(item, present, planner, returning);
      if (code === undefined) return item;
      const by = deleted.get((code === 'group_gone' ? item.group : item.user) ?? '');
      const isGone = code === 'group_gone' || code === 'user_gone' || code === 'erased';
      return { ...item, skip: { ...(isGone && by !== undefined ? changedSince(by) : {}), code } };
    })
    .sort((left, right) => order(left) - order(right));
}

/** @returns undefined if the batch did nothing to it in the end */
function itemOf(steps: readonly Step[]): PlannedItem | undefined {
  const first = steps.findIndex(({ event }) => event.inBatch);
  const last = steps.findLastIndex(({ event }) => event.inBatch);
  if (first === -1) return undefined;
  const [begin, end] = [steps[first] as Step, steps[last] as Step];
  const { kind, user, group, from } = begin.transition;
  const { to } = end.transition;
  if (from !== null && from === to) return undefined;
  const inBatch = steps.filter(({ event }) => event.inBatch);
  const attributes = [...new Set(inBatch.flatMap(({ transition }) => transition.attributes))];
  const { at } = begin.event;
  const item = { kind, user, group, from, to, attributes, at };
  const other = steps
    .slice(first)
    .findLast(
      ({ event, transition }) =>
        !event.inBatch &&
        (kind !== 'profile' || transition.attributes.some((name) => attributes.includes(name))),
    );
  if (other === undefined) return item;
  const latest = (steps.at(-1) as Step).transition.to;
  if (latest !== null && latest === item.from) {
    return { ...item, skip: { ...changedSince(other.event), code: 'already_so' } };
  }
  return { ...item, skip: changedSince(other.event, other.transition.to) };
}

const changedSince = ({ actorType, actorId, at }: PastEvent, to?: string | null) => ({
  code: 'changed_since' as const,
  actor: { type: actorType, id: actorId },
  at,
  ...(to === undefined ? {} : { to }),
});

/** The first event of others about each user and group after the batch began. */
function firstOthers(events: readonly PastEvent[]): ReadonlyMap<string, PastEvent> {
  const found = new Map<string, PastEvent>();
  const begun = new Set<string>();
  for (const event of events) {
    for (const id of [event.target, event.member]) {
      if (id === null) continue;
      if (event.inBatch) begun.add(id);
      else if (begun.has(id) && !found.has(id) && transitionsOf(event).length > 0) found.set(id, event);
    }
  }
  return found;
}

/** The last event that deleted each user or group. */
function lastDeletions(events: readonly PastEvent[]): ReadonlyMap<string, PastEvent> {
  const gone = ['group.deleted', 'user.deleted', 'user.erased'];
  return new Map(events.filter(({ action }) => gone.includes(action)).map((event) => [event.target, event]));
}

/** Compares an item with what is so now, and with what its planner may do. @returns undefined if it can be undone */
function skipCode(
  { kind, user: userId, group, from, to, at }: PlannedItem,
  { users, groups, memberships, profiles, before }: PresentState,
  planner: Planner,
  returning: ReadonlySet<string | null>,
): SkipCode | undefined {
  if (to === 'erased') return 'erased';
  const user = userId === null ? undefined : users.get(userId);
  if (userId !== null && user === undefined) return 'erased';
  if (userId === planner.user && ['account', 'status', 'role', 'owner'].includes(kind)) return 'self_change';
  if (kind !== 'membership' && user?.owner === true && !planner.isOwner) return 'owner_only';
  if (kind !== 'account' && user?.deleted === true && !returning.has(userId)) return 'user_gone';
  if (kind !== 'group' && group !== null && !groups.has(group) && !returning.has(group)) return 'group_gone';
  switch (kind) {
    case 'account':
      if (user?.deleted === (from === 'present')) return undefined;
      return 'already_so';
    case 'status':
      if (user?.status === to) return undefined;
      return user?.status === from ? 'already_so' : 'changed_since';
    case 'role':
      if (user?.role === to) return undefined;
      return user?.role === from ? 'already_so' : 'changed_since';
    case 'owner':
      return planner.isOwner ? undefined : 'owner_only';
    case 'profile':
      return profiles.has(`${userId} ${at}`) ? undefined : 'not_kept';
    case 'membership':
      if (memberships.has(`${group} ${userId}`) !== (to !== 'none')) return 'already_so';
      return to !== 'none' || before.has(placeOf(group, userId, at)) ? undefined : 'not_kept';
    case 'group':
      // What was not there before the batch is gone again.
      if (groups.has(group as string) !== (to === 'present') || (from === 'none') === (to === 'deleted'))
        return 'already_so';
      return to !== 'deleted' || before.has(placeOf(group, null, at)) ? undefined : 'not_kept';
    default:
      return undefined;
  }
}

/** What is brought back comes before what belongs to it, and what is removed goes last. */
function order({ kind, to }: PlannedItem): number {
  const removes = (kind === 'account' || kind === 'group') && to === 'present';
  return removes ? ITEM_KINDS.length : ITEM_KINDS.indexOf(kind);
}

/** Identifies a preview: an undo is confirmed for what its caller was shown, and nothing else. */
export function planToken(
  { kind, id, from, to }: Pick<Batch, 'kind' | 'id' | 'from' | 'to'>,
  items: readonly PlannedItem[],
): string {
  const seen = items.map(({ kind: what, user, group, from: before, to: after, attributes, at, skip }) => [
    what,
    user,
    group,
    before,
    after,
    attributes,
    at,
    skip?.code ?? null,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([kind, id, from, to, seen]))
    .digest('base64url');
}
