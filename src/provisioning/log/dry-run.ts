import type { ConnectionId, UserId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { type MovedUser, type RoleReport, reportRoles } from '../../directory/roles/role-report.ts';
import { type RoleTotals, totalsInWords } from '../../directory/rules/role-effects.ts';
import { countOf } from '../../platform/counts.ts';
import type { Database } from '../../platform/db/database.ts';
import type { ScimConnectionQueries } from '../queries.ts';
import { type DryTotals, type DryUser, totalsOfDryRun } from './rules/dry-run.ts';
import { findDryRows } from './store/dry-run.ts';

/** What a connection in a dry run would have done (R153). */
export interface DryRunReport extends Omit<DryTotals, 'moved'>, RoleReport {
  /** Since when it writes nothing, ISO 8601; null if it provisions. */
  readonly since: string | null;
  readonly sentence: string;
  readonly requests: number;
  /** Whether there were more requests than are read. */
  readonly isAtLeast: boolean;
}

const MOST_REQUESTS = 20_000;

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
  return async (by, id) => {
    const { dryRunSince: since } = await connections.get(by, id);
    const rows = since === null ? [] : await findDryRows(db, by.org, id, since, MOST_REQUESTS + 1);
    const { moved, ...totals } = totalsOfDryRun(rows.slice(0, MOST_REQUESTS));
    const report = await reportRoles(db, by.org, moved.map(toMoved), now().toISOString());
    return {
      ...totals,
      ...report,
      since,
      sentence: sentenceOf(totals, report.roles, since),
      requests: Math.min(rows.length, MOST_REQUESTS),
      isAtLeast: rows.length > MOST_REQUESTS,
    };
  };
}

function toMoved({ id, leaves, role }: DryUser): MovedUser {
  const user = id as UserId;
  if (role !== undefined && leaves === undefined) {
    return { id: user, role, because: `The directory sends the role ${role}.` };
  }
  const act = leaves === 'deleted' ? 'deletes' : 'deactivates';
  return { id: user, role: null, because: `The directory ${act} the user.` };
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
    return count === 0 ? [] : [`${countOf(count, 'user')} would be ${word}`];
  });
  const all = [...parts, totalsInWords(roles)].filter((part) => part !== '');
  return `${all.length === 0 ? 'Nothing would change' : all.join(', ')}. Nothing was written.`;
}
