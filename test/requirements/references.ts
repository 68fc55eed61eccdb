import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../src/platform/package-root.ts';

export const ROOT = packageRoot(import.meta.url);
/** What is about the requirements themselves, and covers none. */
const OWN_FOLDER = 'test/requirements/';
const SOURCE = /\.(ts|mjs)$/;
const TEST = /\.(test|interop)\.ts$/;

/**
 * Expands the requirement numbers in a text: `R12`, `R24 to R27, R33`.
 * @returns each number once
 */
export function findReferences(text: string): string[] {
  const found = [...text.matchAll(/\bR(\d{1,3})(?:\s+to\s+R(\d{1,3}))?\b/g)].flatMap(
    ([, from, to = from]) => {
      const first = Number(from);
      return Array.from({ length: Math.max(1, Number(to) - first + 1) }, (_, index) => `R${first + index}`);
    },
  );
  return [...new Set(found)];
}

/** Reads src and test, except what is about the requirements themselves. @returns path and text of each file */
export function readSources(): { readonly path: string; readonly text: string }[] {
  return ['src', 'test']
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith(OWN_FOLDER))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/**
 * Finds the requirements that test names mention. A name can be an argument, a cell of a table or a key of an object, so
 * every string literal of a test file is searched, and no comment.
 * @returns the paths of test files by requirement number
 */
export function findTests(
  sources: readonly { readonly path: string; readonly text: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, text } of sources) {
    if (!TEST.test(path) || findReferences(text).length === 0) continue;
    for (const number of stringsOf(path, text).flatMap(findReferences)) {
      found.set(number, (found.get(number) ?? new Set()).add(path));
    }
  }
  return found;
}

function stringsOf(path: string, text: string): string[] {
  const strings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext));
  return strings;
}
