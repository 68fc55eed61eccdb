import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where tests find the programs as they run in production: starting the sources takes three times as long. */
const BUILT = join(
  root,
  'node_modules',
  '.cache',
  // Checkouts may share one folder of packages.
  `rollcall-build-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
);
const MARKER = join(BUILT, 'package.json');

/** Compiles the sources, unless that was done since the last of them changed; `TEST_BUILD` then names the folder. */
export function buildPrograms() {
  process.env['TEST_BUILD'] = BUILT;
  buildServer();
  buildConsole();
}

function buildServer() {
  const built = statSync(MARKER, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (['src', 'migrations'].every((folder) => newestIn(join(root, folder)) < built)) return;
  for (const folder of ['src', 'migrations']) rmSync(join(BUILT, folder), { recursive: true, force: true });
  mkdirSync(BUILT, { recursive: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', BUILT], {
    cwd: root,
  });
  // Below node_modules a file is a module only where a package.json says so.
  writeFileSync(MARKER, '{ "type": "module" }\n');
}

function buildConsole() {
  const outDir = join(BUILT, 'console');
  const built = statSync(join(outDir, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const source = join(root, 'console');
  if (Math.max(newestIn(join(source, 'src')), newestIn(join(source, 'public'))) < built) return;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const env = { ...process.env, NODE_ENV: 'production', CONSOLE_DIST: outDir };
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: source, env });
}

function newestIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return Math.max(
    ...entries.map(({ name, parentPath, path }) => statSync(join(parentPath ?? path, name)).mtimeMs),
  );
}
