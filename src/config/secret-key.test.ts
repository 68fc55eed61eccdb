import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Config, parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadSecretKeys } from './secret-key.ts';

const currentKey = async (config: Config) => (await loadSecretKeys(config)).current;
const key = Buffer.alloc(32, 7).toString('base64');

describe('loadSecretKeys', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-key-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('SECRET_KEY is accepted as it is', async () => {
    expect(await currentKey(parseConfig({ SECRET_KEY: key }))).toEqual(Buffer.alloc(32, 7));
  });

  test('SECRET_KEY_FILE is read, with or without a line break', async () => {
    const file = join(folder, 'given');
    await writeFile(file, `${key}\n`);
    expect(await currentKey(parseConfig({ SECRET_KEY_FILE: file }))).toEqual(Buffer.alloc(32, 7));
  });

  test('with the embedded Postgres a key is made once and kept where only the owner reads it', async () => {
    const config = parseConfig({ DATA_DIR: join(folder, 'data') });
    const [made, raced] = await Promise.all([currentKey(config), currentKey(config)]);
    const file = join(folder, 'data', 'secret-key');
    expect(made).toHaveLength(32);
    expect([raced, await currentKey(config)]).toEqual([made, made]);
    expect((await readFile(file, 'utf8')).trim()).toBe(made.toString('base64'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('with a database of their own the key is kept in DATA_DIR as well', async () => {
    const config = parseConfig({ DATABASE_URL: 'postgres://db/x', DATA_DIR: join(folder, 'other') });
    const key = await currentKey(config);
    expect(await readFile(join(folder, 'other', 'secret-key'), 'utf8')).toContain(key.toString('base64'));
  });

  test('Reads older keys from SECRET_KEY_PREVIOUS and from further lines of the file', async () => {
    const file = join(folder, 'several');
    const [second, third] = [8, 9].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    await writeFile(file, `${key}\n${second}\n`);
    const config = parseConfig({ SECRET_KEY_FILE: file, SECRET_KEY_PREVIOUS: ` ${third}, ${key}` });
    expect(await loadSecretKeys(config)).toEqual({
      current: Buffer.alloc(32, 7),
      previous: [Buffer.alloc(32, 8), Buffer.alloc(32, 9)],
    });
    expect(() => parseConfig({ SECRET_KEY_PREVIOUS: `${key},short` })).toThrow('SECRET_KEY_PREVIOUS must be');
  });

  test('a file that is missing or contains something else is a configuration error', async () => {
    const file = join(folder, 'bad');
    await writeFile(file, 'not a key');
    await expect(currentKey(parseConfig({ SECRET_KEY_FILE: file }))).rejects.toThrow(ConfigError);
    await expect(currentKey(parseConfig({ SECRET_KEY_FILE: `${file}-missing` }))).rejects.toThrow(
      ConfigError,
    );
  });
});
