import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Copy, Stage } from './dockerfile.ts';
import { parseDockerignore } from './dockerignore.ts';

/** Not of the context in any case, and too large to walk. */
const UNREAD = new Set(['node_modules', '.git', 'dist', '.data', 'coverage']);

/** The files that the builder is sent: relative paths, sorted. */
export async function contextFiles(root: string): Promise<string[]> {
  const isIgnored = parseDockerignore(await readFile(join(root, '.dockerignore'), 'utf8'));
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (UNREAD.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await walk(path);
      else if (!isIgnored(relative(root, path))) found.push(relative(root, path));
    }
  };
  await walk(root);
  return found.sort();
}

/** What a `COPY` takes of the files that the builder was sent; empty where the build would fail. */
export function takenBy(source: string, files: readonly string[]): readonly string[] {
  const path = source.replace(/^\.\//, '').replace(/\/$/, '');
  return files.filter((file) => file === path || file.startsWith(`${path}/`));
}

/** Copies the build context as a stage's `COPY`s do. */
export async function copyContext(
  { copies }: Stage,
  root: string,
  files: readonly string[],
  folder: string,
): Promise<void> {
  for (const copy of copies.filter(({ from }) => from === undefined)) {
    for (const source of copy.sources) {
      for (const file of takenBy(source, files)) {
        await copyFile(join(root, file), join(folder, placeOf(copy, source, file)));
      }
    }
  }
}

/** A folder's content goes to the target; a file goes into it, where the target is a folder. */
function placeOf({ target }: Copy, source: string, file: string): string {
  const path = source.replace(/^\.\//, '').replace(/\/$/, '');
  return join(target, file === path ? file : relative(path, file));
}

async function copyFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

/** The build stage: its files, the installed packages in place of `npm ci`, and its own build command. */
export async function runBuildStage(
  stage: Stage,
  root: string,
  files: readonly string[],
  folder: string,
): Promise<void> {
  await copyContext(stage, root, files, folder);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const command of stage.commands.filter((each) => /^npm run /.test(each))) {
    execFileSync('sh', ['-c', command], { cwd: folder, stdio: 'pipe' });
  }
}

/** What the final stage copies from the build stage; `npm prune --omit=dev` is made up for by the lock file. */
export async function copyFromBuild(
  final: Stage,
  build: string,
  root: string,
  folder: string,
): Promise<void> {
  for (const { sources, target } of final.copies.filter(({ from }) => from !== undefined)) {
    for (const source of sources.map((path) => relative('/app', path))) {
      if (source === 'node_modules') await copyProductionPackages(root, join(folder, target));
      else await cp(join(build, source), join(folder, target), { recursive: true });
    }
  }
}

async function copyProductionPackages(root: string, target: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    // Packages of other systems are in the lock file and not on the disk.
    if (path === '' || dev === true || !existsSync(join(root, path))) continue;
    await cp(join(root, path), join(target, relative('node_modules', path)), {
      recursive: true,
      verbatimSymlinks: true,
      // Packages within it have entries of their own.
      filter: (from) => !from.slice(join(root, path).length).includes('/node_modules'),
    });
  }
}
