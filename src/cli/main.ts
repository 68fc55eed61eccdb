#!/usr/bin/env node
import { packageVersion } from '../platform/package-root.ts';
import { print, UsageError } from './command.ts';
import { COMMAND_GROUPS, COMMANDS } from './commands.ts';
import { explain } from './failure.ts';
import { writeHelp, writeOverview } from './help.ts';

const isHelp = (arg: string) => arg === '--help' || arg === '-h';

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || isHelp(name) || name === 'help') {
    const command = COMMANDS.get(name === 'help' ? (args[0] ?? '') : '');
    print(command === undefined ? writeOverview(COMMAND_GROUPS) : writeHelp(await command.load()));
    return name === undefined ? 64 : 0;
  }
  if (name === '--version') {
    print(packageVersion(import.meta.url));
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`Unknown command "${name}": see rollcall --help.`);
  const loaded = await command.load();
  if (args.some(isHelp)) {
    print(writeHelp(loaded));
    return 0;
  }
  return loaded.run(args);
}

// A reader such as head closes the pipe when it has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const args = process.argv.slice(2);
try {
  process.exitCode = await run(args);
} catch (error) {
  const { code, message, exitCode } = explain(error);
  const text = args.includes('--json') ? JSON.stringify({ error: { code, message } }) : message;
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
