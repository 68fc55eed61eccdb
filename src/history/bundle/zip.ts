import { createHash } from 'node:crypto';
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from 'fflate';

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

/** Lines are compressed some at a time. */
const FLUSH = 64 * 1_024;

/** Writes a zip as it is made: as much is in memory as one batch of a part has. */
export async function* writeZip(
  parts: readonly BundlePart[],
  modified: Date,
  closing: Closing,
): AsyncIterable<Uint8Array> {
  const out: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else out.push(chunk);
  });
  const taken = function* () {
    if (failure !== undefined) throw failure;
    yield* out.splice(0);
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
