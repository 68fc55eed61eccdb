import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PERMISSIONS, RANKS } from '../../src/directory/roles/rules/permissions.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

const root = packageRoot(import.meta.url);
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const exists = (path: string) => existsSync(join(root, path));

const filesIn = (folder: string, name: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path))
    .map((path) => join(folder, path));

const design = ['ARCHITECTURE.md', 'docs/roles.md', 'docs/sso-design.md'];
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md'),
  ...filesIn('docs', /\.md$/),
];

/** The anchor that a heading gets: lower case, without punctuation, with hyphens for spaces. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const headingsOf = (path: string) =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);

describe('documents', () => {
  test.each(documents)('%s links to files and headings that exist', (path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    const broken = links.filter(([, file = '', anchor]) => {
      const target = file === '' ? path : join(dirname(path), file);
      if (!exists(target)) return true;
      return anchor !== undefined && !headingsOf(target).map(anchorOf).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test.each(design)('%s names source files that exist', (path) => {
    const names = [...read(path).matchAll(/`((?:[a-z-]+\/)+[a-z0-9-]+\.ts)`/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !exists(name) && !exists(join('src', name)))).toEqual([]);
  });

  test('references to sections are to sections that exist', () => {
    const sources = ['src', 'test', 'migrations'].flatMap((folder) => filesIn(folder, /\.ts$/));
    const broken = [...sources, ...documents].flatMap((path) =>
      [...read(path).matchAll(/\b((?:docs\/[a-z-]+|ARCHITECTURE)\.md) §(\d+(?:\.\d+)*)/g)]
        .filter(([, file = '', section = '']) => !exists(file) || !hasSection(file, section))
        .map(([reference]) => `${path}: ${reference}`),
    );
    expect(broken).toEqual([]);
  });
});

const hasSection = (file: string, section: string) =>
  headingsOf(file).some((heading) => heading.startsWith(`${section} `));

test('docs/roles.md has the table of permissions that the server enforces', () => {
  const rows = Object.entries(PERMISSIONS).map(([name, scopes]) => {
    const cells = RANKS.map((rank) => (scopes[rank] === 'none' ? '–' : scopes[rank]));
    return `| \`${name}\` | ${cells.join(' | ')} |`;
  });
  expect(read('docs/roles.md')).toContain(`|---|---|---|---|---|---|\n${rows.join('\n')}\n\n`);
});
