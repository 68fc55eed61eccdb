import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  readonly offset: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;

/** What is wrong with a file that should be a zip. */
export class NotAZip extends Error {}

/**
 * Reads the list of files of a zip from its end, as PKWARE's APPNOTE §4.3 has it.
 * @throws NotAZip
 */
export async function readEntries(file: FileHandle): Promise<readonly ZipEntry[]> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - END_BYTES - 0xffff), Math.min(size, END_BYTES + 0xffff));
  let end = -1;
  for (let at = tail.length - END_BYTES; at >= 0 && end < 0; at -= 1) {
    if (tail.readUInt32LE(at) === END) end = at;
  }
  if (end < 0) throw new NotAZip('The file is no zip, or its end is missing.');
  const count = tail.readUInt16LE(end + 10);
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
      throw new NotAZip('The list of files of the zip is damaged.');
    }
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + name),
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + name + extra + comment;
  }
  return entries;
}

/** The content of a file in a zip, as a stream. @throws NotAZip, and Error of zlib where it is damaged */
export async function* readEntry(file: FileHandle, entry: ZipEntry): AsyncIterable<Buffer> {
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw new NotAZip(`${entry.name} is not where the zip says.`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (entry.compressed === 0) return;
  const raw = Readable.from(piecesOf(file, start, entry.compressed));
  if (entry.method === 0) yield* raw as AsyncIterable<Buffer>;
  else if (entry.method === 8) yield* raw.compose(createInflateRaw()) as unknown as AsyncIterable<Buffer>;
  else throw new NotAZip(`${entry.name} is compressed in a way that bundles are not.`);
}

const PIECE = 256 * 1_024;

async function* piecesOf(file: FileHandle, start: number, length: number): AsyncIterable<Buffer> {
  for (let done = 0; done < length; done += PIECE) {
    yield await readAt(file, start + done, Math.min(PIECE, length - done));
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new NotAZip('The file ends too early.');
  return buffer;
}
