import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder with Rollcall's own package.json, seen from a module of ours: the same folder whether the
 * module runs from `src/` or compiled from `dist/src/`.
 *
 * @param moduleUrl `import.meta.url` of the asking module
 * @returns an absolute path without a trailing slash
 * @throws Error when no folder above the module belongs to the package `rollcall`
 */
export function packageRoot(moduleUrl: string): string {
  const start = dirname(fileURLToPath(moduleUrl));
  let folder = start;
  while (!isRollcall(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json named "rollcall" above ${start}.`);
    folder = parent;
  }
  return folder;
}

function isRollcall(folder: string): boolean {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return (
    typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'rollcall'
  );
}

/** The version that Rollcall's own package.json names. @param moduleUrl as for `packageRoot` */
export function packageVersion(moduleUrl: string): string {
  return manifestOf(moduleUrl).version;
}

/** The options that `npm start` gives Node.js, in their order. @param moduleUrl as for `packageRoot` */
export function startOptions(moduleUrl: string): string[] {
  return manifestOf(moduleUrl)
    .scripts.start.split(' ')
    .filter((word) => word.startsWith('--'));
}

interface Manifest {
  readonly version: string;
  readonly scripts: { readonly start: string };
}

const manifestOf = (moduleUrl: string): Manifest =>
  JSON.parse(readFileSync(join(packageRoot(moduleUrl), 'package.json'), 'utf8')) as Manifest;
