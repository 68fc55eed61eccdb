import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** Names in snake_case that are not ours: those of formats and of lists that other texts name. */
const FOREIGN: Readonly<Record<string, string>> = {
  'oidc/metadata.ts': 'OpenID Connect Discovery',
  'history/bundle/seal-line.ts': 'lines of seals.ndjson in bundles that were signed',
  'rest/route.ts': 'kinds of ids, as routes name them',
};

const SNAKE_CASE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

/** The properties in snake_case that the types of a file declare. */
function namesIn(file: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) && ts.isIdentifier(node.name) && SNAKE_CASE.test(node.name.text)) {
      names.push(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join('src', file), 'utf8'), ts.ScriptTarget.Latest));
  return names;
}

const found = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file, namesIn(file)] as const)
    .filter(([, names]) => names.length > 0),
);

test('no type has a property that is called like a column: a statement names what it selects as the domain does', () => {
  expect(Object.fromEntries([...found].filter(([file]) => FOREIGN[file] === undefined))).toEqual({});
});

test('every name in snake_case that is another format’s is still there', () => {
  expect(Object.keys(FOREIGN).filter((file) => !found.has(file))).toEqual([]);
});
