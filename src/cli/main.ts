#!/usr/bin/env node
import { packageVersion } from '../platform/package-root.ts';
import { type Command, print, UsageError } from './command.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { explain } from './failure.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { jobsCommand } from './jobs.ts';
import { mailPreviewCommand } from './mail-preview.ts';
import { migrateCommand } from './migrate.ts';
import { openapiCommand } from './openapi.ts';
import { ownerCommand } from './owner.ts';
import { secretsCommand } from './secrets.ts';
import { alignRows } from './text-table.ts';

const commands: ReadonlyMap<string, Command> = new Map([
  ['init', initCommand],
  ['migrate', migrateCommand],
  ['import', importCommand],
  ['jobs', jobsCommand],
  ['doctor', doctorCommand],
  ['owner', ownerCommand],
  ['secrets', secretsCommand],
  ['demo', demoCommand],
  ['mail-preview', mailPreviewCommand],
  ['openapi', openapiCommand],
]);

const help = [
  'Usage: rollcall <command> [options]',
  '',
  'Commands:',
  ...alignRows([...commands].map(([name, { summary }]) => [`  ${name}`, summary])),
  '',
  'rollcall <command> --help says more, rollcall --version which version this is. Settings are the environment variables of the server.',
  'Exit codes: 0 done, 1 not done, 64 the command line is wrong, 78 the settings are.',
  '',
].join('\n');

const isHelp = (arg: string) => arg === '--help' || arg === '-h';

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || isHelp(name)) {
    print(help);
    return name === undefined ? 64 : 0;
  }
  if (name === '--version') {
    print(packageVersion(import.meta.url));
    return 0;
  }
  const command = commands.get(name);
  if (command === undefined) throw new UsageError(`There is no command "${name}": see rollcall --help.`);
  if (args.some(isHelp)) {
    print(command.help);
    return 0;
  }
  return command.run(args);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const { sentence, exitCode } = explain(error);
  process.stderr.write(`${sentence}\n`);
  process.exitCode = exitCode;
}
