import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretKeys } from '../platform/secret-box.ts';
import { ConfigError } from './config-error.ts';

/** Where `loadSecretKeys` looks; `Config` is one. */
export interface SecretKeySource {
  readonly secretKey: string | undefined;
  readonly secretKeyFile: string | undefined;
  readonly secretKeyPrevious: readonly string[];
  readonly dataDir: string;
}

const BYTES = 32;

/** Continues a sentence that begins with the name of the variable or the file. */
export const SECRET_KEY_MESSAGE = 'must be 32 bytes in base64. `openssl rand -base64 32` makes one.';

/**
 * The keys that secrets at rest are encrypted with: from `SECRET_KEY`, from `SECRET_KEY_FILE`, or made on the first
 * start and kept in `DATA_DIR/secret-key` (mode 0600). Older ones, while the key is being rotated, come from
 * `SECRET_KEY_PREVIOUS` and from further lines of the file.
 *
 * @returns keys of 32 bytes
 * @throws ConfigError when the file cannot be read or doesn't contain keys
 */
export async function loadSecretKeys(source: SecretKeySource): Promise<SecretKeys> {
  const [current, ...older] = await readKeys(source);
  const given = source.secretKeyPrevious.map((value) => requireKey(value, 'SECRET_KEY_PREVIOUS'));
  const previous = [...older, ...given].filter((key) => !key.equals(current));
  return { current, previous };
}

/** The file with the key when neither `SECRET_KEY` nor `SECRET_KEY_FILE` is set. */
export function keyFileOf(dataDir: string): string {
  return join(dataDir, 'secret-key');
}

/** @returns the bytes, or undefined when the text isn't 32 bytes in base64 */
export function decodeSecretKey(value: string): Buffer | undefined {
  const trimmed = value.trim();
  return /^[A-Za-z0-9+/]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : undefined;
}

async function readKeys({
  secretKey,
  secretKeyFile,
  dataDir,
}: SecretKeySource): Promise<readonly [Buffer, ...Buffer[]]> {
  if (secretKey !== undefined) return [requireKey(secretKey, 'SECRET_KEY')];
  if (secretKeyFile !== undefined) {
    return requireKeys(await readKeyFile(secretKeyFile), `SECRET_KEY_FILE (${secretKeyFile})`);
  }
  const file = keyFileOf(dataDir);
  await makeKeyFile(file, dataDir);
  return requireKeys(await readKeyFile(file), file);
}

/** Several processes may start concurrently: each writes a draft, one becomes the file, and all read that. */
async function makeKeyFile(file: string, dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(BYTES).toString('base64')}\n`, {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError([
      `The secret key can't be read from ${file} (${(error as NodeJS.ErrnoException).code}).`,
    ]);
  }
}

/** A file has a key a line, the current one first. */
function requireKeys(text: string, where: string): readonly [Buffer, ...Buffer[]] {
  const [first = '', ...more] = text.trim().split(/\s*\n\s*/);
  return [requireKey(first, where), ...more.map((line) => requireKey(line, where))];
}

function requireKey(value: string, where: string): Buffer {
  const key = decodeSecretKey(value);
  if (key === undefined) throw new ConfigError([`${where} ${SECRET_KEY_MESSAGE}`]);
  return key;
}
