import { createAuditQueries } from '../audit/queries.ts';
import type { UserId } from '../directory/ids.ts';
import { bundledEvent } from '../history/bundle/commands.ts';
import { NotAZip } from '../history/bundle/read-zip.ts';
import { verifyBundle } from '../history/bundle/verify.ts';
import { createBundleWriter } from '../history/bundle/write.ts';
import { createDifferenceExport, DIFFERENCE_FORMATS } from '../history/export.ts';
import { createHistory, type History } from '../history/history.ts';
import { presentPastUser } from '../history/present.ts';
import { countOf } from '../platform/counts.ts';
import { isUuid } from '../platform/ids.ts';
import { loadCollectedReview } from '../reviews/evidence.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  findUserByEmail,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, CommandError, parseOptions, parseSubject, print, UsageError } from './command.ts';
import { explainFile, READ_PROBLEMS, readInput, writeOutput } from './files.ts';
import { createOutput, jsonOption } from './output.ts';
import { formatTime } from './text-table.ts';

const help = `Usage: rollcall history show --user <e-mail or id> --as-of <time> [options]
       rollcall history diff --from <time> [--to <time>] [--format csv|ndjson] [--out <file>] [options]
       rollcall history bundle --out <file> [--as-of <time>] [--from <time>] [--review <id>] [options]
       rollcall history verify <file> [--key <file>] [--json]

show    what a user was at a moment: status, roles and where they came from, groups
diff    what differs between two moments, with who did it and why; recorded in the audit trail
bundle  writes a signed bundle for an auditor: the state of a moment, and with --from what changed since
        then; with --review also what an access review looked at, and what was decided
verify  verifies a bundle; needs neither the server nor its database

${DATABASE_HELP}

Options:
  --user <e-mail|id>  whose past; of who was erased the id
  --as-of <time>      the moment, such as 2026-01-31 or 2026-01-31T09:30:00Z (default of bundle: now)
  --from <time>       the earlier moment
  --to <time>         the later moment (default: now)
  --review <id>       the access review (rollcall review list)
  --format <format>   csv or ndjson (one change a line; the default)
  --out <file>        write to this file, which only you can read; diff writes to standard output without it
  --key <file>        the public key that you trust, as PEM (GET /history/signing-key)
${ADMINISTRATOR_OPTIONS_HELP}
`;

export const historyCommand: Command = {
  help,
  example: 'rollcall history diff --from 2026-06-30 --format csv --out changes.csv',
  failure: 'the bundle is not as it was signed, or there was nothing to show.',
  run: async ([action, ...args]) => {
    if (action === 'show') return show(args);
    if (action === 'diff') return diff(args);
    if (action === 'bundle') return bundle(args);
    if (action === 'verify') return verify(args);
    throw new UsageError('Choose a command: rollcall history show, diff, bundle or verify.');
  },
};

const historyOf = ({
  db,
  now,
}: AdministratorSession): { history: History; audit: ReturnType<typeof createAuditQueries> } => {
  const audit = createAuditQueries({ db });
  return { audit, history: createHistory({ db, now, audit }) };
};

async function show(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, {
    user: { type: 'string' },
    'as-of': { type: 'string' },
    ...administratorOptions,
  } as const);
  const asOf = parseTime(given['as-of'], '--as-of');
  const { user } = given;
  if (user === undefined || asOf === undefined) throw new UsageError('Name --user and --as-of.');
  return withAdministrator(given, 'audit:read', async (session) => {
    const { db, by, organization } = session;
    const id = isUuid(user) ? (user.toLowerCase() as UserId) : await findUserByEmail(db, by.org, user);
    const { history } = historyOf(session);
    const { value, completeSince } = await history.user(by, id, asOf);
    const { role, owner } = await history.given(by, id, asOf);
    const past = presentPastUser(value, value.names);
    const result = {
      organization,
      asOf,
      completeSince,
      user: past,
      roleGiven: role?.cause?.sentence ?? null,
      ownerGiven: owner?.cause?.sentence ?? null,
    };
    createOutput(given.json).finish(result, () =>
      [
        `${past.label}, ${formatTime(asOf)}: ${past.status}, ${past.role}${past.owner ? ', owner' : ''}; in effect ${past.effectiveRole}.`,
        ...(result.roleGiven === null ? [] : [`Role: ${result.roleGiven}`]),
        ...past.groups.map(
          (group) =>
            `In ${group.name} as ${group.inGroupRole}, by ${group.sources.join(' and ')}${group.role === null ? '' : `: ${group.role}`}.`,
        ),
        ...past.elevations.map(
          (elevation) => `Elevated to ${elevation.role} until ${formatTime(elevation.expiresAt)}.`,
        ),
        `History is complete since ${formatTime(completeSince)}.`,
      ].join('\n'),
    );
    return 0;
  });
}

async function diff(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, {
    from: { type: 'string' },
    to: { type: 'string' },
    format: { type: 'string' },
    out: { type: 'string' },
    ...administratorOptions,
  } as const);
  const format = DIFFERENCE_FORMATS.find((each) => each === (given.format ?? 'ndjson'));
  if (format === undefined) throw new UsageError(`--format must be one of ${DIFFERENCE_FORMATS.join(', ')}.`);
  const from = parseTime(given.from, '--from');
  if (from === undefined) throw new UsageError('Name the earlier moment with --from.');
  const later = parseTime(given.to, '--to');
  return withAdministrator(given, 'audit:export', async (session) => {
    const { history } = historyOf(session);
    const to = later ?? session.now().toISOString();
    const exported = createDifferenceExport({ runner: session.runner, history });
    const pieces = await exported.export(session.by, { from, to }, {}, format);
    if (given.out === undefined) {
      for await (const piece of pieces) print(piece.replace(/\n$/, ''));
      return 0;
    }
    await writeOutput(given.out, pieces);
    createOutput(given.json).finish(
      { organization: session.organization, file: given.out },
      () => `Written to ${given.out}.`,
    );
    return 0;
  });
}

async function bundle(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, {
    'as-of': { type: 'string' },
    from: { type: 'string' },
    review: { type: 'string' },
    out: { type: 'string' },
    ...administratorOptions,
  } as const);
  const { out } = given;
  if (out === undefined) throw new UsageError('Name the file to write with --out.');
  const [moment, from] = [parseTime(given['as-of'], '--as-of'), parseTime(given.from, '--from')];
  const reviewId = given.review?.toLowerCase();
  if (reviewId !== undefined && !isUuid(reviewId)) {
    throw new UsageError('--review must be the id of an access review (rollcall review list).');
  }
  return withAdministrator(given, 'audit:export', async (session) => {
    const { seal } = await loadUserDependencies(session);
    const { db, now, by, runner, organization } = session;
    const asOf = moment ?? now().toISOString();
    const write = createBundleWriter({ db, now, seal, ...historyOf(session) });
    const pieces = await write(by, { asOf, from, reviewId });
    const review = reviewId === undefined ? undefined : await loadCollectedReview(db, by.org, reviewId);
    await runner.withoutLock(by.org, by.origin, async ({ org, recordEvent }) => {
      recordEvent(bundledEvent(org, { asOf, from }, review));
    });
    await writeOutput(out, pieces);
    createOutput(given.json).finish(
      { organization, file: out, asOf, from: from ?? null, reviewId: reviewId ?? null },
      () => [`Written to ${out}.`, `Verify it anywhere with: rollcall history verify ${out}`].join('\n'),
    );
    return 0;
  });
}

async function verify(args: readonly string[]): Promise<number> {
  const { subject: path, given } = parseSubject(
    args,
    { key: { type: 'string' }, ...jsonOption } as const,
    'Name the bundle to verify.',
  );
  const trusted = given.key === undefined ? undefined : (await readInput(given.key)).toString('utf8');
  const found = await verifyBundle(path, trusted).catch((error: unknown) => {
    if (error instanceof NotAZip) throw new CommandError(error.message, 'file');
    throw explainFile(error, `Cannot read ${path}`, READ_PROBLEMS);
  });
  const { problems, manifest, fingerprint, files, seals, entries } = found;
  const ok = problems.length === 0;
  const result = {
    ok,
    problems,
    fingerprint: fingerprint ?? null,
    files,
    seals,
    entries,
    manifest: manifest ?? null,
  };
  createOutput(given.json).finish(result, () =>
    ok
      ? [
          `${countOf(files, 'file')} of the bundle are as they were signed, and ${countOf(entries, 'entry', 'entries')} of ${countOf(seals, 'seal')} are as they were sealed.`,
          `${manifest?.organization.name}, as of ${manifest?.asOf}.`,
          'The key that signed, to be compared with the one that the organization publishes:',
          fingerprint,
        ].join('\n')
      : problems.join('\n'),
  );
  return ok ? 0 : 1;
}

function parseTime(text: string | undefined, option: string): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`${option} must be a time such as 2026-01-31 or 2026-01-31T09:30:00Z.`);
  }
  return time.toISOString();
}
