import { dryRunOf } from '../directory/dry-run.ts';
import { createUserQueries } from '../directory/users/queries.ts';
import type { BulkResult } from '../lifecycle/bulk.ts';
import { createBulkOf } from '../lifecycle/bulk-preview.ts';
import { countOf } from '../platform/counts.ts';
import { daysBefore } from '../platform/time.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, parseWholeNumber, UsageError } from './command.ts';
import { listUsers } from './export/users.ts';
import { createOutput } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { watchForStop } from './signals.ts';
import { formatTable, formatTime } from './text-table.ts';
import { type PresentedUser, presentUser } from './users.ts';

const help = `Usage: rollcall inactive [--days <number>] [options]

Lists the active users who have not used Rollcall for so many days: their last activity, their last sign-in and the
creation of their account are all older. --deactivate also deactivates them; users who cannot be deactivated
(yourself, the last owner, users managed by your identity provider) do not stop the others.

${DATABASE_HELP}

Options:
  --days <number>     days without activity (default: 90)
  --deactivate        deactivate them; an administrator can activate them again
  --reason <text>     why, for the audit trail (default: the number of days)
  --dry-run           with --deactivate: show what would happen, and change nothing
${ADMINISTRATOR_OPTIONS_HELP}
`;

const options = {
  days: { type: 'string', default: '90' },
  deactivate: { type: 'boolean', default: false },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

/** Users between two steps of the progress bar. */
const CHUNK = 20;

/** The text for the users that were left when the command was stopped. */
const STOPPED = { ok: false, code: 'stopped', message: 'Not done: the command was stopped.' };

/** A user of the list; with `--deactivate`, with what became of them. */
type ListedUser = PresentedUser & {
  readonly ok?: boolean;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
};

export const inactiveCommand: Command = {
  help,
  example: 'rollcall inactive --days 90 --deactivate --dry-run',
  failure: 'at least one user could not be deactivated (or would not be, with --dry-run), or it was stopped.',
  run: async (args) => {
    const given = parseOptions(args, options);
    const days = parseWholeNumber(given.days, '--days', 1, 3_650);
    const { deactivate, 'dry-run': dryRun } = given;
    if (dryRun && !deactivate) throw new UsageError('--dry-run belongs to --deactivate.');
    const output = createOutput(given.json);
    return withAdministrator(given, 'users:manage', async (opened) => {
      const { db, now, by, organization, email } = opened;
      const filter = {
        status: ['active'],
        inactiveSince: daysBefore(now(), days),
      } as const;
      const found: PresentedUser[] = [];
      for await (const page of listUsers(createUserQueries({ db, now }), by, filter)) {
        found.push(...page.map(presentUser));
      }
      const reason = given.reason ?? `No activity for ${days} days`;
      const session = dryRun ? { ...opened, ...dryRunOf(opened) } : opened;
      const users = deactivate ? await deactivateAll(session, found, reason) : found;
      output.finish({ organization, as: email, days, deactivate, dryRun, users }, () =>
        describe(users, { days, deactivate, dryRun }),
      );
      return users.every(({ ok }: ListedUser) => ok !== false) ? 0 : 1;
    });
  },
};

async function deactivateAll(
  session: AdministratorSession,
  users: readonly PresentedUser[],
  reason: string,
): Promise<ListedUser[]> {
  const dependencies = await loadUserDependencies(session);
  const bulk = createBulkOf(dependencies);
  const results = new Map<string, BulkResult>();
  const stop = watchForStop();
  const bar = createProgressBar(process.stderr);
  try {
    for (let done = 0; done < users.length && !stop.stopped; done += CHUNK) {
      const ids = users.slice(done, done + CHUNK).map(({ id }) => id);
      for (const result of await bulk.run(session.by, ids, { action: 'deactivate', reason })) {
        results.set(result.id, result);
      }
      bar.show(results.size / users.length);
    }
  } finally {
    bar.end();
    stop.release();
  }
  return users.map((user) => {
    const { ok, code, message } = results.get(user.id) ?? STOPPED;
    // Only the commands that take --force can say so.
    return { ...user, ok, code, message: message?.replace(/ [^.]*\?force=true\.$/, '') };
  });
}

function describe(
  users: readonly ListedUser[],
  { days, deactivate, dryRun }: { days: number; deactivate: boolean; dryRun: boolean },
): string {
  if (users.length === 0) return `No active user has been without activity for ${countOf(days, 'day')}.`;
  const done = dryRun ? 'would be deactivated' : 'deactivated';
  const table = formatTable(
    ['e-mail', 'name', 'role', 'last active', 'created', ...(deactivate ? ['result'] : [])],
    users.map((user) => [
      user.email,
      user.name ?? '',
      user.effectiveRole,
      formatTime(latest(user.lastActiveAt, user.lastLoginAt)),
      formatTime(user.createdAt),
      ...(deactivate ? [user.ok === true ? done : (user.message ?? '')] : []),
    ]),
  );
  return [table, '', summarize(users, { days, deactivate, dryRun })].join('\n');
}

function summarize(
  users: readonly ListedUser[],
  { days, deactivate, dryRun }: { days: number; deactivate: boolean; dryRun: boolean },
): string {
  if (!deactivate) {
    return `${countOf(users.length, 'active user')} without activity for ${countOf(days, 'day')}. Add --deactivate --dry-run to see what deactivating them would do.`;
  }
  const done = users.filter(({ ok }) => ok === true).length;
  const refused = users.length - done;
  const counts = `${countOf(done, 'user')} ${dryRun ? 'would be deactivated' : 'deactivated'}${refused === 0 ? '' : `, ${refused} refused`}.`;
  return dryRun ? `${counts} Nothing was changed.` : counts;
}

function latest(...times: readonly (string | null)[]): string | null {
  return (
    times
      .filter((time) => time !== null)
      .toSorted()
      .at(-1) ?? null
  );
}
