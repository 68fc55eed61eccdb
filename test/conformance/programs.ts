import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Check } from './suite.ts';

const run = promisify(execFile);
const INSTALL_MS = 300_000;
const SUITE_MS = 180_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** What a program printed. `stdout` holds what it printed before it failed, too. */
export async function output(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly stdout: string; readonly failure: string | undefined }> {
  try {
    const limits = { timeout: SUITE_MS, maxBuffer: MAX_OUTPUT };
    const { stdout } = await run(program, [...args], { ...limits, ...options });
    return { stdout, failure: undefined };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const lines = `${message}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    return { stdout, failure: (lines.at(-1) ?? 'no reason given').slice(0, 300) };
  }
}

/** Whether a program can be started. */
export async function isThere(program: string, ...args: readonly string[]): Promise<boolean> {
  return (await output(program, args)).failure === undefined;
}

/**
 * Makes a folder once: it counts only after `make` has ended.
 * @returns undefined, or why it could not be made
 */
export async function makeOnce(
  folder: string,
  make: (folder: string) => Promise<void>,
): Promise<string | undefined> {
  const done = join(folder, '.installed');
  const isDone = await access(done).then(
    () => true,
    () => false,
  );
  if (isDone) return undefined;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await make(folder);
    await writeFile(done, '');
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return `it cannot be installed (${(stderr.trim().split('\n').at(-1) || message).slice(0, 300)})`;
  }
}

/** Runs a step of an installation. @throws Error with what it printed */
export async function install(program: string, args: readonly string[], cwd?: string): Promise<void> {
  await run(program, [...args], { timeout: INSTALL_MS, maxBuffer: MAX_OUTPUT, ...(cwd && { cwd }) });
}

/**
 * Reads the lines that the programs of `clients/` print, one JSON object for each check.
 * @throws Error if there are none, or the program failed
 */
export function readChecks({ stdout, failure }: Awaited<ReturnType<typeof output>>): readonly Check[] {
  const checks = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Check);
  if (failure !== undefined || checks.length === 0)
    throw new Error(`The suite ended after ${checks.length} checks: ${failure ?? 'it printed nothing'}`);
  return checks;
}
