import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

/** Where `loadSecretKey` looks; `Config` is one. */
export interface SecretKeySource {
  readonly secretKey: string | undefined;
  readonly secretKeyFile: string | undefined;
  readonly dataDir: string;
}

const BYTES = 32;

/** Continues a sentence that begins with the name of the variable or the file. */
export const SECRET_KEY_SAYS = 'must be 32 bytes in base64. `openssl rand -base64 32` makes one.';

/**
 * The key that secrets at rest are encrypted with: from `SECRET_KEY`, from `SECRET_KEY_FILE`, or made on
 * the first start and kept in `DATA_DIR/secret-key` (mode 0600).
 *
 * @returns 32 bytes
 * @throws ConfigError when the file cannot be read or doesn't hold one
 */
export async function loadSecretKey(source: SecretKeySource): Promise<Buffer> {
  if (source.secretKey !== undefined) return requireKey(source.secretKey, 'SECRET_KEY');
  if (source.secretKeyFile !== undefined) {
    return requireKey(await readKeyFile(source.secretKeyFile), `SECRET_KEY_FILE (${source.secretKeyFile})`);
  }
  const file = join(source.dataDir, 'secret-key');
  await makeKeyFile(file, source.dataDir);
  return requireKey(await readKeyFile(file), file);
}

/** @returns the bytes, or undefined when the text isn't 32 bytes in base64 */
export function decodeSecretKey(value: string): Buffer | undefined {
  const trimmed = value.trim();
  return /^[A-Za-z0-9+/]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : undefined;
}

/** Several processes may start at once: each writes a draft, one becomes the file, and all read that. */
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

function requireKey(value: string, where: string): Buffer {
  const key = decodeSecretKey(value);
  if (key === undefined) throw new ConfigError([`${where} ${SECRET_KEY_SAYS}`]);
  return key;
}
