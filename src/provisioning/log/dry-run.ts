import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { type Authority, effectiveRole } from '../../directory/roles/authority.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { findRightsOf } from '../../directory/roles/store.ts';
import {
  type RoleEffect,
  type RoleTotals,
  totalsInWords,
  totalsOf,
} from '../../directory/rules/role-effects.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Database } from '../../platform/db/database.ts';
import { findReferences } from '../../reviews/store/listed-items.ts';
import type { ScimConnectionQueries } from '../queries.ts';
import { type DryTotals, type DryUser, totalsOfDryRun } from './rules/dry-run.ts';
import { findDryRows } from './store/dry-run.ts';

/** A user whose effective role would have changed. */
export interface DryPerson extends RoleEffect {
  readonly user: Reference;
  readonly because: string;
}

/** What a connection in a dry run would have done (R153). */
export interface DryRunReport extends Omit<DryTotals, 'moved'> {
  /** Since when it writes nothing, ISO 8601; null if it provisions. */
  readonly since: string | null;
  readonly sentence: string;
  readonly requests: number;
  /** Whether there were more requests than are read. */
  readonly isAtLeast: boolean;
  readonly roles: RoleTotals;
  /** Administrators first; 200 at most. */
  readonly people: readonly DryPerson[];
}

const MOST_REQUESTS = 20_000;
const MOST_PEOPLE = 200;

export type DryRunReports = (by: Authority, id: ConnectionId) => Promise<DryRunReport>;

/** Builds the report of a connection's dry run, derived from the provisioning log. Needs `scim:manage`. */
export function createDryRunReports({
  db,
  now,
  connections,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly connections: Pick<ScimConnectionQueries, 'get'>;
}): DryRunReports {
  const effectsOf = async (by: Authority, moved: readonly DryUser[]) => {
    const ids = moved.map(({ id }) => id as UserId);
    const rights = await findRightsOf(db, by.org, ids, now().toISOString());
    const known = new Map(rights.map((each) => [each.id as string, each]));
    return moved.flatMap((user) => {
      const present = known.get(user.id);
      if (present === undefined) return [];
      const before = present.status === 'inactive' ? null : effectiveRole(present);
      const after =
        user.leaves !== undefined || before === null
          ? null
          : effectiveRole({ ...present, role: user.role ?? present.role });
      return before === after ? [] : [{ ...user, before, after }];
    });
  };

  return async (by, id) => {
    const { dry_run_since: since } = await connections.get(by, id);
    const rows = since === null ? [] : await findDryRows(db, by.org, id, since, MOST_REQUESTS + 1);
    const { moved, ...totals } = totalsOfDryRun(rows.slice(0, MOST_REQUESTS));
    const effects = await effectsOf(by, moved);
    const roles = totalsOf(effects);
    const highest = (effect: RoleEffect) => effect.before ?? 'readonly';
    const shown = [...effects]
      .sort((left, right) => compareRoles(highest(right), highest(left)))
      .slice(0, MOST_PEOPLE);
    const names = await findReferences(
      db,
      by.org,
      shown.map((each) => each.id),
    );
    return {
      ...totals,
      since,
      sentence: sentenceOf(totals, roles, since),
      requests: Math.min(rows.length, MOST_REQUESTS),
      isAtLeast: rows.length > MOST_REQUESTS,
      roles,
      people: shown.flatMap(({ id: user, leaves, role, before, after }) => {
        const named = names.get(user);
        if (named === undefined) return [];
        const because =
          leaves === undefined
            ? `The directory sends the role ${role}.`
            : `The directory ${leaves === 'deleted' ? 'deletes' : 'deactivates'} the user.`;
        return [{ user: named, before, after, because }];
      }),
    };
  };
}

function sentenceOf({ users }: Pick<DryTotals, 'users'>, roles: RoleTotals, since: string | null): string {
  if (since === null) return 'The connection is in no dry run: set dryRun first.';
  const words = {
    created: 'created',
    takenOver: 'taken over',
    changed: 'changed',
    activated: 'activated',
    deactivated: 'deactivated',
    deleted: 'deleted',
  } as const;
  const parts = Object.entries(words).flatMap(([key, word]) => {
    const count = users[key as keyof typeof words];
    return count === 0
      ? []
      : [`${count.toLocaleString('en')} ${count === 1 ? 'user' : 'users'} would be ${word}`];
  });
  const all = [...parts, totalsInWords(roles)].filter((part) => part !== '');
  return `${all.length === 0 ? 'Nothing would change' : all.join(', ')}. Nothing was written.`;
}
