import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What running some test files came to. */
export interface TestRun {
  readonly failed: boolean;
  /** The test that failed first, or why no test failed. */
  readonly failure: string | undefined;
  readonly seconds: number;
}

/** After so long the tests are ended: a break that makes them hang is noticed, too. */
const LONGEST_MS = 300_000;

/** Runs test files of a checkout in this order, until the first failure. @param signal ends them at once */
export async function runTests(
  root: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<TestRun> {
  const started = performance.now();
  const output = join(root, '..', 'failure.txt');
  await rm(output, { force: true });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...['--config', 'test/mutation/jest.config.mjs', '--runInBand', '--bail', '--silent'],
      ...['--runTestsByPath', ...files],
    ],
    {
      cwd: root,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, MUTATION_TESTS: JSON.stringify(files), MUTATION_FAILURE: output },
    },
  );
  const timedOut = await waitForEnd(jest, signal);
  signal.throwIfAborted();
  const seconds = (performance.now() - started) / 1_000;
  if (timedOut) return { failed: true, failure: 'the tests did not end', seconds };
  if (jest.exitCode === 0) return { failed: false, failure: undefined, seconds };
  const failure = await readFile(output, 'utf8').catch(() => `jest ended with ${jest.exitCode}`);
  return { failed: true, failure, seconds };
}

/** @returns whether the time ran out */
async function waitForEnd(child: ChildProcess, signal: AbortSignal): Promise<boolean> {
  let timedOut = false;
  const kill = () => {
    // The whole group: tests start servers of their own.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, LONGEST_MS);
  signal.addEventListener('abort', kill, { once: true });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  return timedOut;
}
