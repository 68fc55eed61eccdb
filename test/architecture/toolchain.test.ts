import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageRoot, startOptions } from '../../src/platform/package-root.ts';

const read = (file: string) => readFileSync(join(packageRoot(import.meta.url), file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'engines',
  Record<string, string>
>;
const development = read('.nvmrc').trim();

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly steps: readonly { readonly run?: string }[];
        readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
      }
    >
  >;
}
const workflow = parse(read('.github/workflows/ci.yml')) as Workflow;
const commands = Object.values(workflow.jobs).flatMap(({ steps }) => steps.map(({ run }) => run ?? ''));

describe('versions of Node.js', () => {
  test('are tested from the oldest of engines to the one of .nvmrc', () => {
    const oldest = manifest.engines['node']?.replace('>=', '');
    expect(workflow.jobs['check']?.strategy?.matrix.node).toEqual([oldest, '22', development]);
  });

  test('are the same in the image and in .nvmrc', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)/gm)].map(([, version]) => version);
    expect(images).toEqual([development, development]);
  });

  test('are started with the same options by the image and by npm start', () => {
    const [, command = '[]'] = /^CMD (.*)$/m.exec(read('Dockerfile')) ?? [];
    expect(JSON.parse(command)).toEqual(['node', ...startOptions(import.meta.url), 'dist/src/main.js']);
    expect(read('docs/production.md')).toContain(`\`${startOptions(import.meta.url).join(' ')}\``);
  });
});

describe('CI', () => {
  test('checks everything, the generated description and the image', () => {
    expect(commands).toContain('npm run check');
    expect(commands.join('\n')).toContain('npm run openapi && git diff --exit-code openapi.json');
    expect(commands.join('\n')).toContain('docker compose up --build');
  });
});

describe('package-lock.json', () => {
  test('has no download addresses', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": *"(?:https?|git)/);
  });

  test('and package.json name the same exact versions', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, typeof manifest> };
    for (const kind of ['dependencies', 'devDependencies'] as const) {
      expect(lock.packages['']?.[kind]).toEqual(manifest[kind]);
      expect(Object.values(manifest[kind]).filter((version) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
    }
  });
});

test('.editorconfig agrees with biome.json', () => {
  const { formatter } = JSON.parse(read('biome.json')) as {
    formatter: { indentStyle: string; lineWidth: number };
  };
  const general = read('.editorconfig').split('[*.md]')[0];
  expect(general).toContain(`indent_style = ${formatter.indentStyle}\nindent_size = 2`);
  expect(general).toContain(`max_line_length = ${formatter.lineWidth}\n`);
});
