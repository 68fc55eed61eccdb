import { countOwnedResources } from '../access/resources/store.ts';
import { dryRunOf } from '../directory/dry-run.ts';
import type { UserId } from '../directory/ids.ts';
import { createUserQueries } from '../directory/users/queries.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { createLifecycleCommands } from '../lifecycle/commands.ts';
import type { Offboarded } from '../lifecycle/offboarding.ts';
import { countOf } from '../platform/counts.ts';
import { createSecurityQueries } from '../sign-in/queries.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  findUserByEmail,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseSubject } from './command.ts';
import { exportPersonalData } from './export/personal-data.ts';
import { createOutput } from './output.ts';
import { alignRows, printable } from './text-table.ts';

const help = `Usage: rollcall offboard <e-mail> [options]

Offboards a user in one step: deactivates the account, ends its sessions, removes it from all groups, revokes its
API keys permanently and transfers what it owns. --dry-run shows what would stop.

${DATABASE_HELP}

Options:
  --transfer-to <e-mail>  hand the resources that the user owns to this active user
  --keep-groups           keep the memberships for a later activation
  --keep-api-keys         keep the API keys; they do not work while the account is inactive
  --export <file.zip>     first write the user's personal data to this file
  --force                 also offboard a user managed by your identity provider (owners only)
  --dry-run               show what would happen, and change nothing
${ADMINISTRATOR_OPTIONS_HELP}
`;

const options = {
  'transfer-to': { type: 'string' },
  'keep-groups': { type: 'boolean', default: false },
  'keep-api-keys': { type: 'boolean', default: false },
  export: { type: 'string' },
  force: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

/** What there is to stop, before anything is done. */
interface Before {
  readonly user: DirectoryUser;
  readonly sessions: number;
  readonly resources: number;
}

export const offboardCommand: Command = {
  help,
  example: 'rollcall offboard jane@acme.example --transfer-to john@acme.example --dry-run',
  failure: 'the user was not found, or the rules refuse it, such as for the last owner.',
  run: async (args) => {
    const missing = 'Name the user: rollcall offboard jane@acme.example.';
    const { subject, given } = parseSubject(args, options, missing);
    const dryRun = given['dry-run'];
    const output = createOutput(given.json);
    return withAdministrator(given, 'users:manage', async (opened) => {
      const { db, organization, email } = opened;
      const find = (address: string) => findUserByEmail(db, organization.id, address);
      const user = await find(subject);
      const heir = given['transfer-to'];
      const intent = {
        removeGroups: !given['keep-groups'],
        revokeApiKeys: !given['keep-api-keys'],
        withExport: false,
        transferTo: heir === undefined ? undefined : await find(heir),
        force: given.force,
      };
      const before = await look(opened, user);
      const session = dryRun ? { ...opened, ...dryRunOf(opened) } : opened;
      const dependencies = await loadUserDependencies(session);
      if (given.export !== undefined && !dryRun) await exportPersonalData(session, user, given.export);
      const done = await createLifecycleCommands(dependencies).offboard(session.by, user, intent);
      const result = present(before, done, intent.removeGroups);
      const exported = dryRun ? null : (given.export ?? null);
      output.finish({ organization, as: email, dryRun, ...result, export: exported }, () =>
        describe(result, { dryRun, heir, exported }),
      );
      return 0;
    });
  },
};

async function look({ by, db, now }: AdministratorSession, user: UserId): Promise<Before> {
  const users = createUserQueries({ db, now });
  const [directoryUser, { sessions = [] }, resources] = await Promise.all([
    users.get(by, user),
    createSecurityQueries({ db, now, userQueries: users }).ofUser(by, user),
    countOwnedResources(db, by.org, user),
  ]);
  return { user: directoryUser, sessions: sessions.length, resources };
}

function present({ user, sessions, resources }: Before, done: Offboarded, removesGroups: boolean) {
  return {
    user: { id: user.id, email: user.email, name: user.name ?? null },
    statusBefore: user.status,
    endedSessions: sessions,
    removedGroups: removesGroups ? user.groupRoles.map(({ name }) => name) : [],
    revokedApiKeys: done.revokedApiKeys,
    transferredResources: done.transferred,
    remainingResources: resources - done.transferred,
  };
}

function describe(
  result: ReturnType<typeof present>,
  { dryRun, heir, exported }: { dryRun: boolean; heir: string | undefined; exported: string | null },
): string {
  const { user, removedGroups, transferredResources: moved, remainingResources: left } = result;
  const groups =
    removedGroups.length === 0 ? 'none' : `${removedGroups.length} (${removedGroups.join(', ')})`;
  const was = result.statusBefore === 'inactive' ? 'was inactive already' : `was ${result.statusBefore}`;
  const rows = alignRows([
    ['  Account', dryRun ? `would become inactive (${was})` : `inactive (${was})`],
    ['  Sessions ended', String(result.endedSessions)],
    ['  Groups left', printable(groups)],
    ['  API keys revoked', String(result.revokedApiKeys)],
    ['  Resources handed over', heir === undefined ? String(moved) : `${moved} (to ${heir})`],
    ...(exported === null ? [] : [['  Personal data', exported]]),
  ]);
  const name = user.name === null ? user.email : `${printable(user.name)} <${user.email}>`;
  return [
    `${dryRun ? 'Offboarding would do this to' : 'Offboarded'} ${name}:`,
    '',
    ...rows,
    '',
    ...(left === 0
      ? []
      : [
          `${countOf(left, 'resource')} ${left === 1 ? 'stays' : 'stay'} with this account: add --transfer-to <e-mail> to hand ${left === 1 ? 'it' : 'them'} over.`,
        ]),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ]
    .join('\n')
    .trimEnd();
}
