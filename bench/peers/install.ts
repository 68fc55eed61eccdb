import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const INSTALL_MS = 300_000;

/** Packages of others, in a folder outside the checkout: none of them is a dependency of ours. */
export interface Installed {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Makes the folder in which packages are installed. */
export async function createPackageFolder(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-peer-'));
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** @throws Error in words if npm cannot install them now, for want of a network or of the packages */
export async function installPackages(folder: string, packages: readonly string[]): Promise<void> {
  // Versions that belong together are named; what their authors say about the versions of others may be out of date.
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
  try {
    await run('npm', ['install', ...options, ...packages], { cwd: folder, timeout: INSTALL_MS });
  } catch (error) {
    throw new Error(`npm cannot install it now (${reasonOf(error)}).`);
  }
}

/** What npm says first, or that it took too long. */
function reasonOf(error: unknown): string {
  const { killed, stderr = '' } = error as { killed?: boolean; stderr?: string };
  if (killed) return `it took more than ${INSTALL_MS / 1_000} seconds`;
  const [line = 'npm is not there'] = stderr.split('\n').filter((line) => line.startsWith('npm error'));
  return line;
}
