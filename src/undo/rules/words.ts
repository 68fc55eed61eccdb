import { countOf } from '../../platform/counts.ts';
import type { SkipCode } from './plan.ts';
import type { ItemKind } from './transitions.ts';

/** What there is to say about an item. */
export interface SpokenItem {
  readonly kind: ItemKind;
  readonly from: string | null;
  readonly to: string | null;
  readonly attributes: readonly string[];
  /** What the group is called. */
  readonly group: string;
  /** The role of the user who is concerned, and of how many groups they are a member; of a group its members. */
  readonly role: string | null;
  readonly groups: number;
}

const value = (text: string | null) => (text === null || text === '' ? 'nothing' : `“${text}”`);

/** What the batch did, in words: "Removed from Platform". */
export function didWords({ kind, from, to, attributes, group }: SpokenItem): string {
  switch (kind) {
    case 'account':
      if (to === 'deleted') return 'Deleted';
      if (to === 'erased') return 'Removed for good';
      return from === 'none' ? 'Created' : 'Restored';
    case 'status':
      return to === 'inactive' ? 'Deactivated' : 'Activated';
    case 'role':
      return `Role changed from ${from} to ${to}`;
    case 'owner':
      return to === 'owner' ? 'Made an owner' : 'Ownership taken';
    case 'profile':
      return `Changed: ${attributes.join(', ')}`;
    case 'membership':
      if (to === 'none') return `Removed from ${group}`;
      return from === 'none' ? `Added to ${group}` : `Made a ${to?.slice(3)} of ${group}`;
    case 'group':
      return to === 'deleted' ? 'Group deleted' : 'Group created';
    case 'group_name':
      return `Renamed from ${value(from)} to ${value(to)}`;
    case 'group_role':
      return `Role of the group changed from ${from ?? 'none'} to ${to ?? 'none'}`;
    case 'group_description':
      return 'Description of the group changed';
    case 'group_pattern':
      return `Pattern of addresses changed from ${value(from)} to ${value(to)}`;
  }
}

/** What the undo does, in words: "Activate as admin, with 3 groups". */
export function willWords({ kind, from, to, attributes, group, role, groups }: SpokenItem): string {
  const as = `${role === null ? '' : ` as ${role}`}${groups === 0 ? '' : `, with ${countOf(groups, 'group')}`}`;
  switch (kind) {
    case 'account':
      return to === 'deleted' ? `Restore${as}` : 'Delete; can be restored';
    case 'status':
      return from === 'inactive' ? 'Deactivate' : `Activate${as}`;
    case 'role':
      return `Give back the role ${from}`;
    case 'owner':
      return from === 'owner' ? 'Make an owner again' : 'Take ownership';
    case 'profile':
      return `Give back ${attributes.join(', ')}`;
    case 'membership':
      if (to === 'none') return `Restore ${group}${from?.startsWith('as ') ? `, ${from}` : ''}`;
      return from === 'none' ? `Remove from ${group}` : `Make a ${from?.slice(3)} of ${group}`;
    case 'group':
      return to === 'deleted'
        ? `Restore the group with ${countOf(groups, 'member')}`
        : 'Delete the group with all memberships';
    case 'group_name':
      return `Rename to ${value(from)}`;
    case 'group_role':
      return from === null ? 'Take the role from the group' : `Give the group the role ${from} back`;
    case 'group_description':
      return 'Give the description back';
    case 'group_pattern':
      return from === null
        ? 'Take the pattern of addresses from the group'
        : `Have the group add everyone with ${from} again`;
  }
}

/** Who changed it since. */
export interface Since {
  readonly by: string | undefined;
  readonly to: string | null | undefined;
}

/** Why something stays as it is, in words. @param code of the plan, else what a command rejected it with */
export function skipWords(code: SkipCode, kind: ItemKind, { by, to }: Since): string {
  const someone = by === undefined ? '' : ` by ${by}`;
  switch (code) {
    case 'changed_since':
      if (kind === 'status' && to === 'inactive') return `Deactivated${someone} since`;
      if (kind === 'status' && to === 'active') return `Activated${someone} since`;
      if (kind === 'role' && typeof to === 'string') return `Given the role ${to}${someone} since`;
      return `Changed${someone} since`;
    case 'already_so':
      return by === undefined ? 'Is so again already' : `Is so again already, by ${by}`;
    case 'user_gone':
      return `User deleted${someone}`;
    case 'group_gone':
      return `Group deleted${someone}`;
    case 'erased':
      return `Removed for good${someone}: nothing is left to restore`;
    case 'not_kept':
      return kind === 'profile'
        ? 'What was there before is not kept'
        : 'History does not reach back to what was there before';
    case 'owner_only':
      return 'An owner: only another owner undoes this';
    case 'self_change':
      return 'You: another administrator has to undo this';
  }
}
