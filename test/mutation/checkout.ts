import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A copy of the repository in which one source file at a time is broken. */
export interface Checkout {
  readonly root: string;
  /** Runs something while a file of the copy has other contents. */
  withFile<Result>(file: string, text: string, run: () => Promise<Result>): Promise<Result>;
}

/** The folder in which a repository's copy and the outcomes of its breaks are kept between runs. */
export function workFolder(root: string): string {
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(tmpdir(), `rollcall-mutation-${digest}`);
}

/** The files of a repository that git knows or would add, as they are now. */
function listFiles(root: string): string[] {
  const arguments_ = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const names = execFileSync('git', arguments_, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(names.split('\0'))].filter((name) => name !== '' && existsSync(join(root, name)));
}

/** Copies a repository; its packages are linked, not copied. */
export async function copyCheckout(root: string, folder: string): Promise<Checkout> {
  const copy = join(folder, 'checkout');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const file of listFiles(root)) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(root, file), join(copy, file));
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return {
    root: copy,
    withFile: async (file, text, run) => {
      const path = join(copy, file);
      const before = await readFile(path);
      await writeFile(path, text);
      try {
        return await run();
      } finally {
        await writeFile(path, before);
      }
    },
  };
}

/** A digest of everything that a test can depend on besides its own file. */
export async function digestSources(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of listFiles(root).sort()) {
    if (!/^(src|migrations|scim-schemas|test\/support)\//.test(file) || file.endsWith('.test.ts')) continue;
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

/** The files that differ from another commit, or that git does not know yet. */
export function listChangedFiles(root: string, base: string): ReadonlySet<string> {
  const run = (...arguments_: string[]) =>
    execFileSync('git', arguments_, { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  const [fork = base] = run('merge-base', base, 'HEAD');
  return new Set([...run('diff', '--name-only', fork), ...run('ls-files', '--others', '--exclude-standard')]);
}
