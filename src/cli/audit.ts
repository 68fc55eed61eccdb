import { readFile } from 'node:fs/promises';
import { AUDIT_FORMATS, type AuditFormat, createAuditExport } from '../audit/export.ts';
import { createAuditQueries } from '../audit/queries.ts';
import { countSealedEvents } from '../audit/store/seals.ts';
import { type InclusionProof, proveRequest, type Verification, verifySeals } from '../audit/verification.ts';
import { countOf } from '../platform/counts.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, parseSubject, print, UsageError } from './command.ts';
import { writeOutput } from './files.ts';
import { createOutput } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { formatTime } from './text-table.ts';

const help = `Usage: rollcall audit verify [--seal <digest or file>] [options]
       rollcall audit prove <request id> [options]
       rollcall audit export --format csv|ndjson|ocsf [--from <time>] [--to <time>] [--out <file>] [options]

verify  recomputes all seals of the audit trail and names the first event that was changed, deleted or added
prove   proves that the events of a request are sealed: what was hashed, and its way to the digest of a seal
export  writes events, the newest first, and records in the audit trail that it did

${DATABASE_HELP}

Options:
  --seal <digest>     a seal that was kept elsewhere, such as a mailed one: its digest, or a file with it
  --format <format>   csv, ndjson (one event a line) or ocsf (the same in the Open Cybersecurity Schema Framework)
  --from <time>       events not before this time, such as 2026-01-31 or 2026-01-31T09:30:00Z
  --to <time>         events before this time
  --out <file>        write to this file, which only you can read, instead of standard output
${ADMINISTRATOR_OPTIONS_HELP}
`;

export const auditCommand: Command = {
  help,
  example: 'rollcall audit verify',
  failure: 'the audit trail was changed, or the request recorded no event.',
  run: async ([action, ...args]) => {
    if (action === 'verify') return verifyCommand(args);
    if (action === 'prove') return proveCommand(args);
    if (action === 'export') return exportCommand(args);
    throw new UsageError('Choose a command: rollcall audit verify, prove or export.');
  },
};

const verifyOptions = {
  seal: { type: 'string' },
  ...administratorOptions,
} as const;

const DIGEST = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/i;

/** @throws UsageError if it is neither a digest nor a file with one */
async function readDigest(given: string): Promise<string> {
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  // A mail as it was saved may break a line within the digest.
  const text = await readFile(given, 'utf8').catch(() => '');
  const found = DIGEST.exec(text) ?? DIGEST.exec(text.replaceAll(/=\r?\n/g, ''));
  if (found === null) {
    throw new UsageError('--seal must be the digest of a seal, 64 hexadecimal digits, or a file with it.');
  }
  return found[0].toLowerCase();
}

async function verifyCommand(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, verifyOptions);
  const trusted = given.seal === undefined ? undefined : await readDigest(given.seal);
  return withAdministrator(given, 'audit:read', async ({ db, by, organization }) => {
    const total = await countSealedEvents(db, by.org);
    const bar = createProgressBar(process.stderr);
    const digests = new Set<string>();
    let found: Verification | undefined;
    try {
      for await (const state of verifySeals(db, by.org)) {
        found = state;
        for (const digest of state.digests) digests.add(digest);
        bar.show(total === 0 ? 1 : Math.min(1, state.events / total));
      }
    } finally {
      bar.end();
    }
    const { firstBad, seals = 0, events = 0, dropped = 0, last } = found ?? {};
    const isTrusted = trusted === undefined || digests.has(trusted);
    const ok = firstBad === undefined && isTrusted;
    const result = {
      organization,
      ok,
      firstBad: firstBad ?? null,
      trusted: isTrusted,
      seals,
      events,
      dropped,
      last: last ?? null,
    };
    createOutput(given.json).finish(result, () => describe(result));
    return ok ? 0 : 1;
  });
}

const PROBLEMS = {
  changed: 'was changed',
  missing: 'is missing',
  added: 'was added between sealed events',
  seal_changed: 'was changed',
  seal_missing: 'is missing',
} as const;

function describe({
  firstBad,
  trusted,
  seals,
  events,
  dropped,
  last,
}: Pick<Verification, 'seals' | 'events' | 'dropped'> & {
  readonly firstBad: Verification['firstBad'] | null;
  readonly trusted: boolean;
  readonly last: Verification['last'] | null;
}): string {
  if (firstBad !== null && firstBad !== undefined) {
    const what =
      firstBad.event === null ? `Seal ${firstBad.seal}` : `Event ${firstBad.event} of seal ${firstBad.seal}`;
    return `${what} ${PROBLEMS[firstBad.problem]}. Everything before it is as it was sealed.`;
  }
  if (!trusted) return 'The trusted digest is not among the seals: the audit trail was written anew.';
  if (last === null || last === undefined)
    return 'Nothing is sealed yet: the server seals what happens within a minute.';
  return [
    `${countOf(seals, 'seal')} and ${countOf(events, 'event')} are as they were sealed.`,
    ...(dropped === 0
      ? []
      : [`The events of ${countOf(dropped, 'seal')} were dropped after the retention period.`]),
    `The newest seal is number ${last.n} of ${formatTime(last.sealedAt)}, with the digest`,
    last.digest,
  ].join('\n');
}

function proveCommand(args: readonly string[]): Promise<number> {
  const { subject: requestId, given } = parseSubject(
    args,
    administratorOptions,
    'Give the X-Request-Id of an answer.',
  );
  return withAdministrator(given, 'audit:read', async ({ db, by, organization }) => {
    const proofs: InclusionProof[] = [];
    const unsealed: string[] = [];
    let after: string | undefined;
    do {
      const found = await proveRequest(db, by.org, requestId, after);
      proofs.push(...found.proofs);
      unsealed.push(...found.unsealed);
      after = found.next;
    } while (after !== undefined);
    const found = { proofs, unsealed };
    createOutput(given.json).finish({ organization, ...found }, () =>
      [
        ...found.proofs.map(describeProof),
        ...found.unsealed.map((id) => `Event ${id} is not sealed yet: try again in a minute.`),
      ].join('\n\n'),
    );
    return 0;
  });
}

function describeProof({ event, entry, leaf, path, root, seal }: InclusionProof): string {
  return [
    `Event ${event} is in seal ${seal.n} of ${formatTime(seal.sealedAt)}.`,
    `entry   ${entry}`,
    `leaf    ${leaf}`,
    ...path.map(({ side, digest }) => `${side.padEnd(7)} ${digest}`),
    `root    ${root}`,
    `digest  ${seal.digest}`,
  ].join('\n');
}

const exportOptions = {
  format: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  ...administratorOptions,
} as const;

function exportCommand(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, exportOptions);
  const format = AUDIT_FORMATS.find((each) => each === given.format);
  if (format === undefined) throw new UsageError(`--format must be one of ${AUDIT_FORMATS.join(', ')}.`);
  const search = { from: parseTime(given.from, '--from'), to: parseTime(given.to, '--to') };
  return withAdministrator(given, 'audit:export', async (session) => {
    const pieces = await exportEvents(session, search, format);
    if (given.out !== undefined) {
      await writeOutput(given.out, pieces);
      createOutput(given.json).finish(
        { organization: session.organization, file: given.out },
        () => `Written to ${given.out}.`,
      );
    } else {
      for await (const piece of pieces) print(piece.replace(/\n$/, ''));
    }
    return 0;
  });
}

function exportEvents(
  { db, by, runner }: AdministratorSession,
  search: { readonly from: string | undefined; readonly to: string | undefined },
  format: AuditFormat,
): Promise<AsyncIterable<string>> {
  const audit = createAuditQueries({ db });
  return createAuditExport({ runner, audit }).export(by, search, format);
}

function parseTime(text: string | undefined, option: string): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`${option} must be a time such as 2026-01-31 or 2026-01-31T09:30:00Z.`);
  }
  return time.toISOString();
}
