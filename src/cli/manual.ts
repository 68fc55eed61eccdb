import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEventReference } from '../audit/reference.ts';
import { packageRoot } from '../platform/package-root.ts';
import { type Command, parseOptions } from './command.ts';
import { COMMAND_GROUPS } from './commands.ts';
import { EXIT_CODES } from './failure.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall manual [--events] [--write]

Prints the help of every command as one page of Markdown.

Options:
  --events    print the reference of all events instead
  --write     write both, to docs/command-line.md and docs/events.md in this package, instead
  -h, --help  print this help
`;

const manualCommand: Command = {
  summary: 'print the help of every command',
  help,
  example: 'rollcall manual > command-line.md',
  failure: 'the file cannot be written.',
  run: async (args) => {
    const { write, events } = parseOptions(args, {
      write: { type: 'boolean', default: false },
      events: { type: 'boolean', default: false },
    } as const);
    if (!write) process.stdout.write(events ? writeEventReference() : writeManual());
    else {
      const docs = join(packageRoot(import.meta.url), 'docs');
      await writeFile(join(docs, 'command-line.md'), writeManual());
      await writeFile(join(docs, 'events.md'), writeEventReference());
    }
    return 0;
  },
};

const groups: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  ...COMMAND_GROUPS,
  'Look around': { ...COMMAND_GROUPS['Look around'], manual: manualCommand },
};

/** Every command by its name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.values(groups).flatMap((commands) => Object.entries(commands)),
);

/** What `rollcall --help` prints. */
export function writeOverview(): string {
  const width = Math.max(...[...COMMANDS.keys()].map(({ length }) => length));
  return [
    'Usage: rollcall <command> [options]',
    '',
    ...Object.entries(groups).flatMap(([heading, commands]) => [
      `${heading}:`,
      ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
      '',
    ]),
    '"rollcall <command> --help" explains a command, "rollcall --version" prints the version. Settings are the environment',
    'variables of the server (docs/production.md).',
    '',
    'Exit codes:',
    ...alignRows(Object.entries(EXIT_CODES).map(([code, meaning]) => [`  ${code}`, meaning])),
  ].join('\n');
}

/** What `rollcall <command> --help` prints. */
export function writeHelp({ help: text, example, failure }: Command): string {
  return [
    alignOptions(text.trimEnd()),
    '',
    'Example:',
    `  ${example}`,
    '',
    `Exit code 1: ${failure}`,
    'The other exit codes are the same for every command: see rollcall --help.',
  ].join('\n');
}

/** Moves the descriptions of all options to one column: some options are shared by commands of different widths. */
function alignOptions(text: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf('Options:') + 1;
  const rows = lines.slice(start).map((line) => {
    const [, name, description] = /^ {2}(-\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    if (name !== undefined && description !== undefined) return [`  ${name}`, description];
    return /^ {10}/.test(line) ? ['', line.trim()] : undefined;
  });
  const aligned = alignRows(rows.filter((row) => row !== undefined));
  return [
    ...lines.slice(0, start),
    ...lines.slice(start).map((line, at) => (rows[at] === undefined ? line : (aligned.shift() ?? ''))),
  ].join('\n');
}

/** docs/command-line.md */
function writeManual(): string {
  const sections = Object.entries(groups).flatMap(([heading, commands]) => [
    `## ${heading}`,
    '',
    ...Object.entries(commands).flatMap(([name, command]) => [
      `### rollcall ${name}`,
      '',
      '```',
      writeHelp(command),
      '```',
      '',
    ]),
  ]);
  return [
    '# The command line',
    '',
    '`rollcall` in the image, `npx rollcall` in a checkout after `npm start` or `npm run build`. Every command reads the',
    "server's settings from the environment ([production.md](production.md)) and works on the same database, whether the",
    'server is running or not. Commands about users, keys and connections act as an administrator, with their rights and',
    "no more: the organization's only owner, or the one that `--as` names. The audit trail records their actions.",
    '',
    '## For scripts',
    '',
    '* `--json` prints one JSON value on standard output and nothing else. Times are ISO 8601 in UTC, and fields have the',
    '  names that REST uses. An error is one line on standard error: `{"error": {"code": "…", "message": "…"}}`.',
    '* Progress bars are drawn on standard error, and only on a terminal.',
    '* Secrets are read from standard input, never from an argument, and a new one is printed once.',
    '* Exit codes:',
    '',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    '```',
    'KEY=$(rollcall key create "Nightly sync" --scope users:read --json | jq -r .key.token)',
    "rollcall invite - --role train --json < addresses.txt | jq -r '.results[] | select(.ok | not) | .email'",
    '```',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
