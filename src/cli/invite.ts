import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { dryRunOf } from '../directory/dry-run.ts';
import { DomainError } from '../directory/errors.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { ROLES } from '../directory/roles/rules/roles.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { isUserName, oneLineName } from '../directory/users/rules/presentable.ts';
import type { Role } from '../directory/users/user.ts';
import { createInvitationCommands, type InvitationCommands } from '../invitations/commands.ts';
import type { InvitationOptions } from '../invitations/invite.ts';
import { countOf } from '../platform/counts.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  administratorOptions,
  DATABASE_HELP,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, parsePositionals, UsageError } from './command.ts';
import { readInput } from './files.ts';
import { createOutput } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { watchForStop } from './signals.ts';
import { formatTable, formatTime } from './text-table.ts';

const help = `Usage: rollcall invite <e-mail>... [options]

Invites users by mail. Each gets a link that works once, within 7 days; the server sends the mails. One address that is
refused does not stop the others. "-" reads more addresses from standard input.

${DATABASE_HELP}

Options:
  --file <file>          read more addresses from this file, separated by blanks, commas or line ends
  --role <role>          ${ROLES.join(', ')} (default: readonly)
  --group <id or name>   add them to this group; may be repeated
  --name <name>          the user's name; only with a single address
  --job-function <name>  take role and groups that you do not give from this template
  --reason <text>        why; required for the role admin
  --dry-run              show what would happen, and change nothing
${ADMINISTRATOR_OPTIONS_HELP}
`;

const options = {
  file: { type: 'string' },
  role: { type: 'string' },
  group: { type: 'string', multiple: true },
  name: { type: 'string' },
  'job-function': { type: 'string' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...administratorOptions,
} as const;

/** What became of one address. */
interface Result {
  readonly email: string;
  readonly ok: boolean;
  readonly userId?: string;
  readonly expiresAt?: string;
  readonly warnings?: readonly string[];
  readonly code?: string;
  readonly message?: string;
}

export const inviteCommand: Command = {
  help,
  example: 'rollcall invite jane@acme.example --role train --group "Support Team"',
  failure: 'at least one address was refused (or would be, with --dry-run), or it was stopped.',
  run: async (args) => {
    const { words, given } = parsePositionals(args, options);
    const role = parseRole(given.role);
    const addresses = await collectAddresses(words, given.file);
    const intent = {
      name: parseName(given.name, addresses.length),
      role,
      groups: given.group,
      jobFunction: given['job-function'],
      reason: given.reason,
    };
    const dryRun = given['dry-run'];
    const output = createOutput(given.json);
    return withAdministrator(given, 'users:manage', async (opened) => {
      const session = dryRun ? { ...opened, ...dryRunOf(opened) } : opened;
      const invitations = createInvitationCommands(await loadUserDependencies(session));
      const { organization, email } = session;
      const results = await inviteAll(invitations, session.by, addresses, intent, () =>
        output.say(`Inviting to ${organization.name} as ${email}\n`),
      );
      const left = addresses.length - results.length;
      output.finish({ organization, as: email, dryRun, stopped: left > 0, results }, () =>
        describe(results, left, dryRun),
      );
      return left === 0 && results.every(({ ok }) => ok) ? 0 : 1;
    });
  },
};

async function inviteAll(
  invitations: InvitationCommands,
  by: Authority,
  addresses: readonly string[],
  intent: Omit<InvitationOptions, 'email'>,
  onStart: () => void,
): Promise<Result[]> {
  const stop = watchForStop();
  const bar = createProgressBar(process.stderr);
  const results: Result[] = [];
  try {
    onStart();
    for (const email of addresses) {
      if (stop.stopped) break;
      results.push(await inviteOne(invitations, by, { ...intent, email }));
      bar.show(results.length / addresses.length);
    }
    return results;
  } finally {
    bar.end();
    stop.release();
  }
}

async function inviteOne(
  invitations: InvitationCommands,
  by: Authority,
  intent: InvitationOptions,
): Promise<Result> {
  const { email } = intent;
  try {
    const { user, invitation, warnings } = await invitations.invite(by, intent);
    const expiry = invitation === undefined ? {} : { expiresAt: invitation.expiresAt };
    return { email, ok: true, userId: user, ...expiry, warnings };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { email, ok: false, code: error.code, message: error.message };
  }
}

function describe(results: readonly Result[], left: number, dryRun: boolean): string {
  const invited = results.filter(({ ok }) => ok).length;
  const refused = results.length - invited;
  const verb = dryRun ? 'would be invited' : 'invited';
  const table = formatTable(
    ['e-mail', 'result', ''],
    results.map(({ email, ok, expiresAt, message = '' }) => [
      email,
      ok ? verb : 'refused',
      ok ? `until ${formatTime(expiresAt)}` : message,
    ]),
  );
  const next = 'The server sends the mails: rollcall jobs list shows those that are still queued.';
  return [
    table,
    '',
    `${countOf(invited, 'user')} ${verb}${refused === 0 ? '' : `, ${refused.toLocaleString('en')} refused`}.`,
    ...new Set(results.flatMap(({ warnings = [] }) => warnings)),
    ...(left === 0 ? [] : [`Stopped: ${countOf(left, 'address', 'addresses')} not invited.`]),
    ...(dryRun ? ['Nothing was changed.'] : invited > 0 ? [next] : []),
  ].join('\n');
}

function parseRole(text: string | undefined): Role | undefined {
  const role = ROLES.find((each) => each === text);
  if (text !== undefined && role === undefined) {
    throw new UsageError(`--role must be one of ${ROLES.join(', ')}.`);
  }
  return role;
}

function parseName(text: string | undefined, addresses: number): string | undefined {
  if (text === undefined) return undefined;
  if (addresses > 1)
    throw new UsageError('--name works with a single address; use rollcall import for many.');
  const name = oneLineName(text);
  if (!isUserName(name)) throw new UsageError('--name must have 200 characters or fewer.');
  return name;
}

/**
 * The addresses to invite, each once, in the order in which they were given.
 * @param words of the command line; `-` stands for the addresses on standard input
 * @param file with addresses, separated by blanks, commas or line ends
 * @throws UsageError if there are none, CommandError if the file cannot be read
 */
async function collectAddresses(
  words: readonly string[],
  file: string | undefined,
): Promise<readonly string[]> {
  const given: string[] = [];
  for (const word of words) given.push(...(word === '-' ? split(await text(process.stdin)) : [word.trim()]));
  if (file !== undefined) {
    const bytes = await readInput(file, readFile);
    given.push(...split(bytes.toString('utf8')));
  }
  const addresses = new Map(
    given.filter((address) => address !== '').map((address) => [caseKey(address), address]),
  );
  if (addresses.size === 0) {
    throw new UsageError('Name at least one address: rollcall invite jane@acme.example.');
  }
  return [...addresses.values()];
}

function split(content: string): string[] {
  return content.replace(/^\uFEFF/, '').split(/[\s,;]+/);
}
