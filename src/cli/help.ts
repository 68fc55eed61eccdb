import type { Command, CommandGroups } from './command.ts';
import { EXIT_CODES } from './failure.ts';
import { alignRows } from './text-table.ts';

/** What `rollcall --help` prints. */
export function writeOverview(groups: CommandGroups): string {
  const names = Object.values(groups).flatMap((commands) => Object.keys(commands));
  const width = Math.max(...names.map(({ length }) => length));
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
