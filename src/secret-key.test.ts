import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadSecretKey } from './secret-key.ts';

const key = Buffer.alloc(32, 7).toString('base64');

describe('loadSecretKey', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-key-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('SECRET_KEY is taken as it is', async () => {
    expect(await loadSecretKey(parseConfig({ SECRET_KEY: key }))).toEqual(Buffer.alloc(32, 7));
  });

  test('SECRET_KEY_FILE is read, with or without a line break', async () => {
    const file = join(folder, 'given');
    await writeFile(file, `${key}\n`);
    expect(await loadSecretKey(parseConfig({ SECRET_KEY_FILE: file }))).toEqual(Buffer.alloc(32, 7));
  });

  test('with the embedded Postgres a key is made once and kept where only the owner reads it', async () => {
    const config = parseConfig({ DATA_DIR: join(folder, 'data') });
    const [made, raced] = await Promise.all([loadSecretKey(config), loadSecretKey(config)]);
    const file = join(folder, 'data', 'secret-key');
    expect(made).toHaveLength(32);
    expect([raced, await loadSecretKey(config)]).toEqual([made, made]);
    expect((await readFile(file, 'utf8')).trim()).toBe(made.toString('base64'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('with a database of their own the key is kept in DATA_DIR as well', async () => {
    const config = parseConfig({ DATABASE_URL: 'postgres://db/x', DATA_DIR: join(folder, 'other') });
    const key = await loadSecretKey(config);
    expect(await readFile(join(folder, 'other', 'secret-key'), 'utf8')).toContain(key.toString('base64'));
  });

  test('a file that is missing or holds something else is a configuration error', async () => {
    const file = join(folder, 'bad');
    await writeFile(file, 'not a key');
    await expect(loadSecretKey(parseConfig({ SECRET_KEY_FILE: file }))).rejects.toThrow(ConfigError);
    await expect(loadSecretKey(parseConfig({ SECRET_KEY_FILE: `${file}-missing` }))).rejects.toThrow(
      ConfigError,
    );
  });
});
