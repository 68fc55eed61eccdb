import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  binariesIn,
  canRun,
  copyBinaries,
  findBinariesPackage,
  repairSymlinks,
} from '../../src/platform/embedded-postgres/binaries.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-binaries-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function removeSymlinks(copy: string): Promise<void> {
  const links = JSON.parse(await readFile(join(copy, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  for (const { target } of links) await unlink(join(copy, target));
}

test('the programs run when npm is configured not to run install scripts', async () => {
  const { folder: installed } = await findBinariesPackage();
  await repairSymlinks(installed);
  const copy = join(folder, 'package');
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  await removeSymlinks(copy);
  expect(await canRun(binariesIn(copy), undefined)).toBe(false);
  expect(await repairSymlinks(copy)).toBe(true);
  expect(await canRun(binariesIn(copy), undefined)).toBe(true);
});

test('a copy runs, is readable by everyone and leaves nothing half done beside it', async () => {
  const { folder: installed } = await findBinariesPackage();
  const copy = join(folder, 'bin');
  await Promise.all([copyBinaries(installed, copy), copyBinaries(installed, copy)]);
  expect(await canRun(binariesIn(copy), undefined)).toBe(true);
  expect((await stat(binariesIn(copy).postgres)).mode & 0o777).toBe(0o755);
  expect(await readdir(folder)).toEqual(['bin']);
});

test('a package without a list of links needs none', async () => {
  await mkdir(join(folder, 'native'));
  expect(await repairSymlinks(folder)).toBe(true);
});
