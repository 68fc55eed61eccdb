import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package-root.ts';

const root = packageRoot(import.meta.url);

/** A command of ours as a process of its own. */
export interface CliProcess {
  readonly pid: number;
  /** What it has printed, once it has ended. */
  readonly ended: Promise<CliResult>;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of Node.js with which a program runs, compiled as in production. @param program the file below src/ */
export const builtProgram = (program: 'cli/main.ts' | 'main.ts'): string =>
  join(process.env['TEST_BUILD'] ?? '', 'src', program.replace(/ts$/, 'js'));

/**
 * Starts a program with these settings, and no other of this process.
 * @param program the file below src/
 * @param until text on which it is stopped
 */
export function startProgram(
  program: 'cli/main.ts' | 'main.ts',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { input = '', until }: { readonly input?: string; readonly until?: string } = {},
): CliProcess {
  const child = spawn(process.execPath, [builtProgram(program), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (until !== undefined && !child.killed && stdout.includes(until)) child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
  };
}

/** Runs `rollcall …` to its end. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { readonly input?: string } = {},
): Promise<CliResult> {
  return startProgram('cli/main.ts', args, env, options).ended;
}
