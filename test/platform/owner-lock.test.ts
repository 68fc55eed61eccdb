import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type OwnerLock, takeOwnerLock } from '../../src/platform/embedded-postgres/owner-lock.ts';

let folder: string;
let held: OwnerLock[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-lock-'));
  held = [];
});

afterEach(async () => {
  await Promise.all(held.map((lock) => lock.release()));
  await rm(folder, { recursive: true });
});

async function take(watchMs?: number): Promise<void> {
  held.push(await takeOwnerLock(folder, () => undefined, watchMs));
}

/** Makes the lock look as if another user had taken it. */
async function pretend(owner: { pid?: number; identity?: string; scope?: string }): Promise<void> {
  const file = join(folder, 'owner.lock');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...owner }));
}

test('of many concurrent processes, one gets the folder', async () => {
  const takers = await Promise.allSettled(Array.from({ length: 20 }, () => take()));
  expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(folder)).toEqual(['owner.lock']);
});

test('of many that find a dead owner, one gets the folder', async () => {
  await take();
  await pretend({ identity: 'another boot' });
  const takers = await Promise.allSettled(Array.from({ length: 20 }, () => take()));
  expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the folder is free after a release', async () => {
  await take();
  await held[0]?.release();
  await expect(take()).resolves.toBeUndefined();
});

test('a living process with the number of a dead owner is not accepted for it', async () => {
  await take();
  await pretend({ pid: 1 });
  await expect(take()).resolves.toBeUndefined();
});

test('a lock that can not be read as one is accepted over', async () => {
  await writeFile(join(folder, 'owner.lock'), '');
  await expect(take()).resolves.toBeUndefined();
});

test('an owner in another container is seen by its heartbeat', async () => {
  await take();
  await pretend({ scope: 'elsewhere' });
  await expect(take()).rejects.toThrow('Another Rollcall');
});

test('an owner in another container without a heartbeat is accepted over', async () => {
  await take();
  const content = await readFile(join(folder, 'owner.lock'), 'utf8');
  await held[0]?.release();
  await writeFile(join(folder, 'owner.lock'), content);
  await pretend({ scope: 'elsewhere' });
  await expect(take(500)).resolves.toBeUndefined();
});
