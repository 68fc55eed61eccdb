import { createDryRunReports } from '../provisioning/log/dry-run.ts';
import type { ScimConnection } from '../provisioning/queries.ts';
import type { StepResult } from '../provisioning/self-test/conversation.ts';
import { ADMINISTRATOR_OPTIONS_HELP, administratorOptions, DATABASE_HELP } from './administrator.ts';
import { type Command, parseOptions, parseSubject, UsageError } from './command.ts';
import { EXPIRES_HELP, parseExpiry } from './expiry.ts';
import { createOutput } from './output.ts';
import {
  chooseConnection,
  presentConnection,
  presentIssued,
  withScimAdministration,
} from './scim/connections.ts';
import { buildSelfTest } from './scim/self-test.ts';
import { describeAccess, describeSetup, parseProvider, providerOf } from './scim/setup.ts';
import { alignRows, formatTable, formatTime, printable } from './text-table.ts';

const help = `Usage: rollcall connection create <name> [--for okta|entra] [--strict] [--no-token] [options]
       rollcall connection list [options]
       rollcall connection update <id or name> [--name <name>] [--strict | --tolerant] [--dry-run | --live] [options]
       rollcall connection report <id or name> [options]
       rollcall connection remove <id or name> --yes [options]
       rollcall connection self-test <id or name> [--for okta|entra] [options]

create     creates a SCIM connection for an identity provider with its first token, and shows what to paste where
list       lists the SCIM connections
update     renames a connection, changes how strict it is, or begins and ends its dry run
report     shows what a connection in a dry run would have done
remove     ends the tokens of a connection; its users and groups stay, and are administered here from then on
self-test  answers what a provider sends for one person and one group, and changes nothing

${DATABASE_HELP}

Options:
  --for okta|entra    show what to paste for this provider only, or send its requests (default: the one in the
                      connection's name)
  --strict            reject what RFC 7643 and 7644 do not allow, instead of accepting what providers really send
  --tolerant          the opposite of --strict (default)
  --expires <when>    of the token: ${EXPIRES_HELP}
  --no-token          create the connection only; rollcall token create issues a token
  --name <name>       the new name
  --dry-run           answer requests as they would be answered, and write nothing: for a first sync
  --live              the opposite of --dry-run
  --yes               of remove: needed, since it cannot be taken back
${ADMINISTRATOR_OPTIONS_HELP}
`;

export const connectionCommand: Command = {
  help,
  example: 'rollcall connection create "Acme Okta" --for okta',
  failure: 'there are too many connections, the administrator may not do it, or the self-test failed.',
  run: async ([action, ...args]) => {
    if (action === 'create') return createConnection(args);
    if (action === 'list') return listConnections(args);
    if (action === 'update') return updateConnection(args);
    if (action === 'report') return reportConnection(args);
    if (action === 'remove') return removeConnection(args);
    if (action === 'self-test') return testConnection(args);
    throw new UsageError(
      'Choose a command: rollcall connection create, list, update, report, remove or self-test.',
    );
  },
};

const createOptions = {
  for: { type: 'string' },
  strict: { type: 'boolean', default: false },
  tolerant: { type: 'boolean', default: false },
  expires: { type: 'string' },
  'no-token': { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

function createConnection(args: readonly string[]): Promise<number> {
  const missing = 'Name the connection: rollcall connection create "Acme Okta".';
  const { subject, given } = parseSubject(args, createOptions, missing);
  const name = parseName(subject);
  const strict = parseStrict(given) ?? false;
  const provider = parseProvider(given.for);
  const expiresAt = parseExpiry(given.expires, new Date());
  return withScimAdministration(given, async (scim, { by, organization, publicUrl }) => {
    const baseUrl = `${publicUrl}/scim/v2`;
    const id = await scim.create(by, { name, strict });
    const issued = given['no-token'] ? undefined : await scim.issue(by, id, expiresAt);
    const connection = presentConnection(await scim.get(by, id));
    const token = issued === undefined ? null : presentIssued(issued);
    createOutput(given.json).finish({ organization, connection, baseUrl, token }, () =>
      [
        `SCIM connection "${printable(name)}" of ${organization.name} (${id})`,
        '',
        ...(token === null
          ? [`Issue a token: rollcall token create --connection ${id}`]
          : [
              ...describeAccess(baseUrl, token.token, formatTime(token.expiresAt)),
              ...describeSetup(baseUrl, providerOf(provider, name)),
            ]),
      ]
        .join('\n')
        .trimEnd(),
    );
    return 0;
  });
}

function listConnections(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, administratorOptions);
  return withScimAdministration(given, async (scim, { by }) => {
    const rows = await scim.list(by);
    createOutput(given.json).finish(rows.map(presentConnection), () =>
      rows.length === 0 ? 'No SCIM connections found.' : formatTable(HEADER, rows.map(describeConnection)),
    );
    return 0;
  });
}

const HEADER = ['id', 'name', 'mode', 'tokens', 'last used', 'created', 'sign-in'];

const describeConnection = (row: ScimConnection): string[] => [
  row.id,
  row.name,
  row.strict ? 'strict' : 'tolerant',
  String(row.tokens),
  formatTime(row.lastUsedAt),
  formatTime(row.createdAt),
  row.signsOn ? 'yes' : 'no',
];

const updateOptions = {
  name: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  live: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  tolerant: { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

function updateConnection(args: readonly string[]): Promise<number> {
  const missing = 'Name the connection: rollcall connection update "Acme Okta" --strict.';
  const { subject, given } = parseSubject(args, updateOptions, missing);
  const name = given.name === undefined ? undefined : parseName(given.name);
  const strict = parseStrict(given);
  const dryRun = parseDryRun(given);
  if (name === undefined && strict === undefined && dryRun === undefined) {
    throw new UsageError('Choose what to change: --name <name>, --strict, --tolerant, --dry-run or --live.');
  }
  return withScimAdministration(given, async (scim, { by, organization }) => {
    const { id } = await chooseConnection(scim, by, subject);
    await scim.update(by, id, { name, strict, dryRun });
    const row = await scim.get(by, id);
    const connection = { ...presentConnection(row), dryRunSince: row.dryRunSince };
    const mode = connection.strict ? 'strict' : 'tolerant';
    createOutput(given.json).finish(
      { organization, connection },
      () =>
        `SCIM connection "${printable(connection.name)}" is now ${mode}${row.dryRunSince === null ? '' : ', and writes nothing: a dry run'}.`,
    );
    return 0;
  });
}

function reportConnection(args: readonly string[]): Promise<number> {
  const missing = 'Name the connection: rollcall connection report "Acme Okta".';
  const { subject, given } = parseSubject(args, administratorOptions, missing);
  return withScimAdministration(given, async (scim, { db, now, by, organization }) => {
    const { id } = await chooseConnection(scim, by, subject);
    const report = await createDryRunReports({ db, now, connections: scim })(by, id);
    createOutput(given.json).finish({ organization, report }, () => {
      const rows = report.people.map(({ user, before, after, because }) => [
        user.email ?? user.id,
        before ?? 'none',
        after ?? 'none',
        because,
      ]);
      const table = formatTable(['user', 'role now', 'role then', 'because'], rows);
      return rows.length === 0 ? report.sentence : `${table}\n\n${report.sentence}`;
    });
    return 0;
  });
}

const removeOptions = { yes: { type: 'boolean', default: false }, ...administratorOptions } as const;

function removeConnection(args: readonly string[]): Promise<number> {
  const missing = 'Name the connection: rollcall connection remove "Acme Okta" --yes.';
  const { subject, given } = parseSubject(args, removeOptions, missing);
  if (!given.yes) throw new UsageError('Add --yes: a connection that was removed does not come back.');
  return withScimAdministration(given, async (scim, { by, organization }) => {
    const { id, name } = await chooseConnection(scim, by, subject);
    await scim.remove(by, id);
    createOutput(given.json).finish(
      { organization, removed: id },
      () =>
        `SCIM connection "${printable(name)}" was removed. A running server releases its users and groups, who stay.`,
    );
    return 0;
  });
}

const testOptions = { for: { type: 'string' }, ...administratorOptions } as const;

function testConnection(args: readonly string[]): Promise<number> {
  const missing = 'Name the connection: rollcall connection self-test "Acme Okta".';
  const { subject, given } = parseSubject(args, testOptions, missing);
  const provider = parseProvider(given.for);
  return withScimAdministration(given, async (scim, session) => {
    const { id } = await chooseConnection(scim, session.by, subject);
    const report = await buildSelfTest(session, scim)(session.by, id, provider);
    createOutput(given.json).finish({ organization: session.organization, report }, () =>
      [
        alignRows(report.checks.map(({ state, name, sentence }) => [state, name, sentence])).join('\n'),
        '',
        formatTable(['result', 'status', 'ms', 'request', 'what it does'], report.steps.map(describeStep)),
        '',
        ...report.steps.flatMap(({ name, error }) =>
          error === null
            ? []
            : [`${name}: ${printable(error.detail)}`, `  ${error.meaning} ${error.remedy}`, ''],
        ),
        report.sentence,
      ].join('\n'),
    );
    return report.passed ? 0 : 1;
  });
}

const describeStep = ({ outcome, status, ms, method, path, name }: StepResult): string[] => [
  outcome,
  String(status ?? ''),
  String(ms ?? ''),
  `${method} ${path.split('?')[0]}`,
  name,
];

function parseDryRun(given: { readonly 'dry-run': boolean; readonly live: boolean }): boolean | undefined {
  if (given['dry-run'] && given.live) throw new UsageError('Give --dry-run or --live, not both.');
  return given['dry-run'] ? true : given.live ? false : undefined;
}

function parseName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 200) throw new UsageError('The name must have 1 to 200 characters.');
  return name;
}

function parseStrict(given: { readonly strict: boolean; readonly tolerant: boolean }): boolean | undefined {
  if (given.strict && given.tolerant) throw new UsageError('Give --strict or --tolerant, not both.');
  return given.strict ? true : given.tolerant ? false : undefined;
}
