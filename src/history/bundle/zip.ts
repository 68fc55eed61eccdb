import { createHash } from 'node:crypto';
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { PermanentFailure } from '../../platform/jobs/job-kind.ts';

/** A file of a bundle: rows become NDJSON, one a line. A feature adds parts of its own. */
export interface BundlePart {
  /** Without an ending: `users` is written as users.ndjson. */
  readonly name: string;
  readonly rows: AsyncIterable<unknown>;
}

/** What the manifest says of a file. */
export interface BundleFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Files that are written behind the parts, once their digests are known. */
export type Closing = (
  files: readonly BundleFile[],
) => readonly (readonly [name: string, content: Uint8Array])[];

/** What the sizes and places in a zip without ZIP64 hold (APPNOTE §4.3): beyond it they would be wrong silently. */
const MOST_BYTES = 0xffff_ffff;

/** Lines are compressed some at a time. */
const FLUSH = 64 * 1_024;

/**
 * Writes a zip as it is made: as much is in memory as one batch of a part has.
 * @throws PermanentFailure once a file or the zip is larger than 4 GB
 */
export async function* writeZip(
  parts: readonly BundlePart[],
  modified: Date,
  closing: Closing,
  mostBytes = MOST_BYTES,
): AsyncIterable<Uint8Array> {
  const out: Uint8Array[] = [];
  let failure: Error | undefined;
  let written = 0;
  const requireRoom = (bytes: number) => {
    if (bytes <= mostBytes) return;
    throw new PermanentFailure('A bundle holds at most 4 GB: make one for each part of the span.');
  };
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else out.push(chunk);
  });
  const taken = function* () {
    if (failure !== undefined) throw failure;
    for (const chunk of out.splice(0)) {
      written += chunk.length;
      requireRoom(written);
      yield chunk;
    }
  };
  const files: BundleFile[] = [];
  for (const { name, rows } of parts) {
    const file = `${name}.ndjson`;
    const entry = new ZipDeflate(file, { level: 6 });
    entry.mtime = modified;
    zip.add(entry);
    const hash = createHash('sha256');
    let [count, bytes, text] = [0, 0, ''];
    const flush = (isLast: boolean) => {
      const chunk = strToU8(text);
      text = '';
      hash.update(chunk);
      bytes += chunk.length;
      requireRoom(bytes);
      entry.push(chunk, isLast);
    };
    for await (const row of rows) {
      count += 1;
      text += `${JSON.stringify(row)}\n`;
      if (text.length < FLUSH) continue;
      flush(false);
      yield* taken();
    }
    flush(true);
    yield* taken();
    files.push({ name: file, rows: count, bytes, sha256: hash.digest('hex') });
  }
  for (const [name, content] of closing(files)) {
    const entry = new ZipPassThrough(name);
    entry.mtime = modified;
    zip.add(entry);
    entry.push(content, true);
  }
  zip.end();
  yield* taken();
}
