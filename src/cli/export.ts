import { findChosenGroups } from '../directory/groups/chosen-groups.ts';
import { ROLES } from '../directory/roles/rules/roles.ts';
import { createUserQueries } from '../directory/users/queries.ts';
import type { UserFilter } from '../directory/users/store/filter.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { countOf } from '../platform/counts.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  findUserByEmail,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, parseSubject, UsageError } from './command.ts';
import { exportPersonalData } from './export/personal-data.ts';
import { listUsers, USER_FORMATS, type UserFormat } from './export/users.ts';
import { writeOutput } from './files.ts';
import { createOutput } from './output.ts';
import { createProgressBar } from './progress-bar.ts';

const help = `Usage: rollcall export users [--out <file>] [options]
       rollcall export personal-data <e-mail> --out <file.zip> [options]

users          writes the users as CSV, whose first columns rollcall import reads, or as NDJSON, one JSON object a line;
               without --out to standard output
personal-data  writes everything that is stored about one user as a zip of JSON and CSV, and records it in the audit
               trail

${DATABASE_HELP}

Options:
  --out <file>          write to this file, which only you can read
  --format <format>     csv or ndjson (default: csv)
  --status <status>     only active, inactive or pending users
  --role <role>         only users with this direct role: ${ROLES.join(', ')}
  --group <id or name>  only members of this group
  --include-deleted     also users who are soft-deleted
${ADMINISTRATOR_OPTIONS_HELP}

With --json the result is about the file, so it needs --out.
`;

const STATUSES = ['active', 'inactive', 'pending'] as const;

const userOptions = {
  out: { type: 'string' },
  format: { type: 'string', default: 'csv' },
  status: { type: 'string' },
  role: { type: 'string' },
  group: { type: 'string' },
  'include-deleted': { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

export const exportCommand: Command = {
  help,
  example: 'rollcall export users --status active --out users.csv',
  failure: 'the user or group was not found, or the file cannot be written.',
  run: async ([what, ...args]) => {
    if (what === 'users') return exportUsers(args);
    if (what === 'personal-data') return exportUser(args);
    throw new UsageError(
      'Choose what to export: rollcall export users, or rollcall export personal-data <e-mail>.',
    );
  },
};

async function exportUsers(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, userOptions);
  const format = choose('--format', Object.keys(USER_FORMATS) as UserFormat[], given.format);
  const { out, json } = given;
  if (json && out === undefined) throw new UsageError('With --json, name a file with --out.');
  const filter: UserFilter = {
    status: given.status === undefined ? undefined : [choose('--status', STATUSES, given.status)],
    role: given.role === undefined ? undefined : [choose('--role', ROLES, given.role)],
    deleted: given['include-deleted'],
  };
  return withAdministrator(given, 'users:export', async (session) => {
    const { db, now, by, organization } = session;
    const group = given.group === undefined ? undefined : await findGroup(session, given.group);
    const bar = createProgressBar(process.stderr);
    let [written, total] = [0, 0];
    const users = createUserQueries({ db, now });
    async function* pieces(): AsyncGenerator<string> {
      yield USER_FORMATS[format].head();
      const pages = listUsers(
        users,
        by,
        { ...filter, group: group === undefined ? undefined : [group] },
        (known) => {
          total = known;
        },
      );
      for await (const page of pages as AsyncIterable<readonly DirectoryUser[]>) {
        yield USER_FORMATS[format].page(page);
        written += page.length;
        if (total > 0) bar.show(Math.min(1, written / total));
      }
    }
    try {
      if (out === undefined) await writeToStandardOutput(pieces());
      else await writeOutput(out, pieces());
    } finally {
      bar.end();
    }
    if (out !== undefined) {
      createOutput(json).finish(
        { organization, file: out, format, users: written },
        () => `${countOf(written, 'user')} of ${organization.name} written to ${out}.`,
      );
    }
    return 0;
  });
}

async function exportUser(args: readonly string[]): Promise<number> {
  const options = { out: { type: 'string' }, ...administratorOptions } as const;
  const missing = 'Name the user: rollcall export personal-data jane@acme.example --out jane.zip.';
  const { subject, given } = parseSubject(args, options, missing);
  const { out, json } = given;
  if (out === undefined) throw new UsageError('Name the file with --out, such as --out jane.zip.');
  return withAdministrator(given, 'users:export', async (session) => {
    const { db, organization } = session;
    const user = await findUserByEmail(db, organization.id, subject);
    const bytes = await exportPersonalData(session, user, out);
    createOutput(json).finish(
      { organization, user: { id: user, email: subject }, file: out, bytes },
      () => `The personal data of ${subject} is in ${out}.`,
    );
    return 0;
  });
}

async function findGroup({ db, by }: AdministratorSession, reference: string) {
  const [group] = await findChosenGroups({ tx: db, org: by.org }, [reference]);
  return group?.id;
}

function choose<const Value extends string>(option: string, values: readonly Value[], text: string): Value {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new UsageError(`${option} must be one of ${values.join(', ')}.`);
  return value;
}

async function writeToStandardOutput(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (process.stdout.destroyed) return;
    if (!process.stdout.write(piece)) {
      await new Promise<void>((resolve) => {
        process.stdout.once('drain', resolve).once('close', resolve);
      });
    }
  }
}
