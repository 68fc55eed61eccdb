import type { Role } from '../../../directory/users/user.ts';
import type { DryRequest } from '../store/dry-run.ts';

/** What would have become of a user who is here. */
export interface DryUser {
  readonly id: string;
  readonly leaves: 'deactivated' | 'deleted' | undefined;
  /** The direct role that the directory would have set. */
  readonly role: Role | undefined;
}

/** What the requests of a dry run would have changed, each by itself: users and groups once, however often they came. */
export interface DryTotals {
  readonly users: Readonly<
    Record<'created' | 'takenOver' | 'changed' | 'activated' | 'deactivated' | 'deleted', number>
  >;
  readonly groups: Readonly<Record<'created' | 'changed' | 'deleted', number>>;
  readonly refused: readonly { readonly code: string; readonly requests: number }[];
  /** Those who would have left or got another role. */
  readonly moved: readonly DryUser[];
}

const USERS: Readonly<Record<string, keyof DryTotals['users']>> = {
  'user.created': 'created',
  'user.adopted': 'takenOver',
  'user.updated': 'changed',
  'user.activated': 'activated',
  'user.deactivated': 'deactivated',
  'user.deleted': 'deleted',
};
const GROUPS: Readonly<Record<string, keyof DryTotals['groups']>> = {
  'group.created': 'created',
  'group.updated': 'changed',
  'group.member_added': 'changed',
  'group.member_removed': 'changed',
  'group.deleted': 'deleted',
};

/** Adds up the requests of a dry run. @param rows the newest first */
export function totalsOfDryRun(rows: readonly DryRequest[]): DryTotals {
  const users = new Map<keyof DryTotals['users'], Set<string>>();
  const groups = new Map<keyof DryTotals['groups'], Set<string>>();
  const refused = new Map<string, number>();
  const moved = new Map<string, DryUser>();
  const note = <Key>(found: Map<Key, Set<string>>, key: Key | undefined, thing: string) => {
    if (key === undefined) return;
    found.set(key, (found.get(key) ?? new Set()).add(thing));
  };
  for (const { status, errorCode, user, group, changes, name } of rows) {
    if (status >= 400) {
      const code = errorCode ?? String(status);
      refused.set(code, (refused.get(code) ?? 0) + 1);
    }
    // What a request creates it also fills: that is one thing.
    const creation = changes?.find(({ action }) => action.endsWith('.created'));
    for (const { action, to } of creation === undefined ? (changes ?? []) : [creation]) {
      note(users, USERS[action], action === 'user.created' ? (name ?? user ?? '') : (user ?? ''));
      note(groups, GROUPS[action], action === 'group.created' ? (name ?? group ?? '') : (group ?? ''));
      if (user === null) continue;
      const before = moved.get(user) ?? { id: user, leaves: undefined, role: undefined };
      if (action === 'user.deleted') moved.set(user, { ...before, leaves: 'deleted' });
      if (action === 'user.deactivated')
        moved.set(user, { ...before, leaves: before.leaves ?? 'deactivated' });
      if (action === 'user.role_changed') moved.set(user, { ...before, role: before.role ?? (to as Role) });
    }
  }
  const size = (found: Set<string> | undefined) => found?.size ?? 0;
  return {
    users: {
      created: size(users.get('created')),
      takenOver: size(users.get('takenOver')),
      changed: size(users.get('changed')),
      activated: size(users.get('activated')),
      deactivated: size(users.get('deactivated')),
      deleted: size(users.get('deleted')),
    },
    groups: {
      created: size(groups.get('created')),
      changed: size(groups.get('changed')),
      deleted: size(groups.get('deleted')),
    },
    refused: [...refused]
      .map(([code, requests]) => ({ code, requests }))
      .sort((left, right) => right.requests - left.requests),
    moved: [...moved.values()],
  };
}
