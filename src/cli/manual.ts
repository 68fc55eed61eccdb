import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEventReference } from '../audit/reference.ts';
import { packageRoot } from '../platform/package-root.ts';
import { type Command, type CommandGroups, parseOptions } from './command.ts';
import { EXIT_CODES } from './failure.ts';
import { writeHelp } from './help.ts';

const help = `Usage: rollcall manual [--events] [--write]

Prints the help of every command as one page of Markdown.

Options:
  --events    print the reference of all events instead
  --write     write both, to docs/command-line.md and docs/events.md in this package, instead
  -h, --help  print this help
`;

/** The command that writes the help of all of them. */
export const createManualCommand = (groups: CommandGroups): Command => ({
  help,
  example: 'rollcall manual > command-line.md',
  failure: 'the file cannot be written.',
  run: async (args) => {
    const { write, events } = parseOptions(args, {
      write: { type: 'boolean', default: false },
      events: { type: 'boolean', default: false },
    } as const);
    if (!write) process.stdout.write(events ? writeEventReference() : await writeManual(groups));
    else {
      const docs = join(packageRoot(import.meta.url), 'docs');
      await writeFile(join(docs, 'command-line.md'), await writeManual(groups));
      await writeFile(join(docs, 'events.md'), writeEventReference());
    }
    return 0;
  },
});

/** docs/command-line.md */
async function writeManual(groups: CommandGroups): Promise<string> {
  const parts = Object.entries(groups).map(async ([heading, commands]) => {
    const sections = Object.entries(commands).map(async ([name, { load }]) => [
      `### rollcall ${name}`,
      '',
      '```',
      writeHelp(await load()),
      '```',
      '',
    ]);
    return [`## ${heading}`, '', ...(await Promise.all(sections)).flat()];
  });
  const sections = (await Promise.all(parts)).flat();
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
