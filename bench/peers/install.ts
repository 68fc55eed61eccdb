import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packages of others, in a folder outside the checkout: none of them is a dependency of ours. */
export interface Installed {
  readonly folder: string;
  remove(): Promise<void>;
}

/** @returns undefined if npm cannot install them now, for want of a network or of the packages */
export async function installPackages(packages: readonly string[]): Promise<Installed | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-peer-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...options, ...packages], { cwd: folder, timeout: 120_000 });
    return { folder, remove };
  } catch {
    await remove();
    return undefined;
  }
}
