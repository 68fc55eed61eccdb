import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { CommandError } from './command.ts';

/** What can be wrong with a path that is read, by the code of the error. */
export const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'file not found',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** What can be wrong with a path that is written to, by the error's code. */
export const WRITE_PROBLEMS: Readonly<Record<string, string>> = {
  ...READ_PROBLEMS,
  ENOENT: 'the folder does not exist',
  EEXIST: 'it is a file',
  ENOTDIR: 'the folder does not exist',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** Reads a file that an argument names. @throws CommandError that says what is wrong with it */
export async function readInput(path: string, read: (path: string) => Promise<Buffer> = readFile) {
  try {
    return await read(path);
  } catch (error) {
    throw explainFile(error, `Cannot read ${path}`, READ_PROBLEMS);
  }
}

/**
 * Writes a file that only its owner can read. A file of this name is replaced at the end, so that an interrupted
 * write leaves no partial file.
 * @throws CommandError that says what is wrong with the path, and what `pieces` throws
 */
export async function writeOutput(
  path: string,
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`;
  const failed = (error: unknown) => explainFile(error, `Cannot write ${path}`, WRITE_PROBLEMS);
  const file = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw failed(error);
  });
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece).catch((error: unknown) => {
        throw failed(error);
      });
    }
    await file.close();
    await rename(draft, path).catch((error: unknown) => {
      throw failed(error);
    });
  } catch (error) {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Puts a failure of the file system into words.
 * @returns a CommandError, or the error itself if it is another
 */
export function explainFile(
  error: unknown,
  what: string,
  problems: Readonly<Record<string, string>>,
): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!/^E[A-Z]+$/.test(code)) return error;
  return new CommandError(`${what}: ${problems[code] ?? code}.`, 'file');
}
