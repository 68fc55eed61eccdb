import { countOf } from '../../platform/counts.ts';
import type { ItemTally } from '../store/items.ts';

/** How many of what an undo takes back. */
export interface UndoCounts {
  /** People who are active again, and those who are not. */
  readonly activated: number;
  readonly deactivated: number;
  readonly restored: number;
  /** People whom the batch created. */
  readonly deleted: number;
  readonly roles: number;
  readonly profiles: number;
  readonly membershipsRestored: number;
  readonly membershipsEnded: number;
  readonly groupsRestored: number;
  readonly groupsDeleted: number;
  readonly others: number;
  /** All items of each result. */
  readonly undo: number;
  readonly skip: number;
  readonly failed: number;
}

/** Counts the items of one undo. */
export function countItems(tallies: readonly ItemTally[]): UndoCounts {
  const sum = (matches: (tally: ItemTally) => boolean) =>
    tallies.filter(matches).reduce((total, { items }) => total + items, 0);
  const undone = (kind: ItemTally['kind'], matches: (tally: ItemTally) => boolean = () => true) =>
    sum((tally) => tally.result === 'undo' && tally.kind === kind && matches(tally));
  const ofGroups = tallies
    .filter(({ result }) => result === 'undo')
    .reduce((total, { members }) => total + members, 0);
  return {
    activated: undone('status', ({ from }) => from !== 'inactive'),
    deactivated: undone('status', ({ from }) => from === 'inactive'),
    restored: undone('account', ({ to }) => to === 'deleted'),
    deleted: undone('account', ({ to }) => to === 'present'),
    roles: undone('role') + undone('owner'),
    profiles: undone('profile'),
    membershipsRestored: undone('membership', ({ to }) => to === 'none') + ofGroups,
    membershipsEnded: undone('membership', ({ from }) => from === 'none'),
    groupsRestored: undone('group', ({ to }) => to === 'deleted'),
    groupsDeleted: undone('group', ({ to }) => to === 'present'),
    others:
      undone('group_name') +
      undone('group_role') +
      undone('group_description') +
      undone('group_pattern') +
      undone('membership', ({ from, to }) => from !== 'none' && to !== 'none'),
    undo: sum(({ result }) => result === 'undo'),
    skip: sum(({ result }) => result === 'skip'),
    failed: sum(({ result }) => result === 'failed'),
  };
}

const people = (count: number) => countOf(count, 'person', 'people');
const is = (count: number) => (count === 1 ? 'is' : 'are');

/** The counts as sentences, the weightiest first. @param isDone whether it has happened */
export function summaryWords(counts: UndoCounts, isDone: boolean): readonly string[] {
  const lines: [number, string][] = [
    [
      counts.activated,
      `${people(counts.activated)} ${is(counts.activated)} active again, with role and groups`,
    ],
    [counts.restored, `${people(counts.restored)} ${is(counts.restored)} restored, with role and groups`],
    [
      counts.deleted,
      `${people(counts.deleted)} whom the batch created ${is(counts.deleted)} deleted, and can be restored`,
    ],
    [counts.deactivated, `${people(counts.deactivated)} ${is(counts.deactivated)} deactivated again`],
    [
      counts.groupsRestored,
      `${countOf(counts.groupsRestored, 'group')} ${is(counts.groupsRestored)} restored`,
    ],
    [
      counts.groupsDeleted,
      `${countOf(counts.groupsDeleted, 'group')} that the batch created ${is(counts.groupsDeleted)} deleted`,
    ],
    [
      counts.membershipsRestored,
      `${countOf(counts.membershipsRestored, 'group membership')} ${is(counts.membershipsRestored)} restored`,
    ],
    [
      counts.membershipsEnded,
      `${countOf(counts.membershipsEnded, 'group membership')} ${counts.membershipsEnded === 1 ? 'ends' : 'end'}`,
    ],
    [counts.roles, `${people(counts.roles)} ${counts.roles === 1 ? 'has' : 'have'} the role from before`],
    [
      counts.profiles,
      `${people(counts.profiles)} ${counts.profiles === 1 ? 'has' : 'have'} the attributes from before`,
    ],
    [counts.others, `${countOf(counts.others, 'other change')} ${is(counts.others)} taken back`],
    [
      counts.skip,
      `${countOf(counts.skip, 'change')} ${is(counts.skip)} left as ${counts.skip === 1 ? 'it is' : 'they are'}`,
    ],
    [counts.failed, `${countOf(counts.failed, 'change')} could not be undone`],
  ];
  const said = lines.filter(([count]) => count > 0).map(([, line]) => `${line}.`);
  if (said.length > 0) return said;
  return [isDone ? 'Nothing was changed.' : 'The batch changed nothing that can be undone.'];
}
