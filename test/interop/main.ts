import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findKeycloak, findSimpleSamlPhp, type Program } from '../support/interop/programs.ts';

/**
 * `npm run interop`: signs in through identity providers that are programs of their own, on loopback. What is missing
 * is skipped and named. Arguments go to jest. Ends by itself within ten minutes and leaves no process behind.
 */
const LIMIT_MS = 9.5 * 60_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = `${root}node_modules/.cache/rollcall-interop`;
const started = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);

const programs: readonly [name: string, variable: string, program: Program][] = [
  ['SimpleSAMLphp', 'INTEROP_SIMPLESAMLPHP', await findSimpleSamlPhp(cache, say)],
  ['Keycloak', 'INTEROP_KEYCLOAK', await findKeycloak(cache, say)],
];
const env = { ...process.env };
for (const [name, variable, program] of programs) {
  delete env[variable];
  if ('at' in program) {
    env[variable] = program.at;
    say(`${name} ${program.version}`);
  }
}
const skipped = programs.flatMap(([name, , program]) =>
  'missing' in program ? [`${name} is skipped: ${program.missing}.`] : [],
);
skipped.forEach(say);

if (skipped.length === programs.length) {
  say('Nothing is left to try.');
} else {
  process.exitCode = await runJest();
  skipped.forEach(say);
}

/** In a group of its own, with all that it starts: the group is ended, however this ends. @returns the exit code */
function runJest(): Promise<number> {
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = `${root}node_modules/jest/bin/jest.js`;
  const config = ['-c', `${root}test/interop/jest.config.mjs`, ...process.argv.slice(2)];
  const child = spawn(process.execPath, [...args, jest, ...config], {
    cwd: root,
    env,
    stdio: 'inherit',
    detached: true,
  });
  const end = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), signal);
    } catch {
      // All of them are gone.
    }
  };
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    say(why);
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), 5_000);
  };
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) stop('The process that started this is gone.');
  }, 500);
  const timer = setTimeout(() => stop('It takes too long, and is ended.'), LIMIT_MS - (Date.now() - started));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop(`Ended by ${signal}.`));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      clearInterval(watch);
      end('SIGKILL');
      resolve(code ?? 1);
    });
  });
}
