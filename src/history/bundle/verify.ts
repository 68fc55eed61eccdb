import { createHash, createPublicKey, verify } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { leafOf, rootOf } from '../../audit/rules/merkle.ts';
import { digestOfSeal, packLeaves } from '../../audit/seals.ts';
import { NotAZip, readEntries, readEntry, type ZipEntry } from './read-zip.ts';
import { type SealLine, sealOfLine } from './seal-line.ts';
import { fingerprintOf } from './signing.ts';
import type { Manifest } from './write.ts';

/** What a verification found; it needs nothing but the file. */
export interface BundleVerification {
  /** Sentences, each of which names a file; none if the bundle is as it was signed. */
  readonly problems: readonly string[];
  readonly manifest: Manifest | undefined;
  /** SHA-256 of the key that signed: compare it with what the organization publishes. */
  readonly fingerprint: string | undefined;
  readonly files: number;
  readonly seals: number;
  readonly entries: number;
}

const SUMS = 'SHA256SUMS';
const SIGNATURE = 'SHA256SUMS.sig';
const KEY = 'public-key.pem';
/** Files that are read whole have at most so many bytes. */
const MOST_BYTES = 8_000_000;

/**
 * Verifies a bundle without the server: the signature over the digests, the digest of each file, and that the entries of
 * the audit trail lead to the roots and digests of their seals.
 * @param trusted the PEM of the public key that is expected
 * @throws NotAZip, and what reading the file throws
 */
export async function verifyBundle(path: string, trusted?: string): Promise<BundleVerification> {
  const file = await open(path, 'r');
  try {
    return await verifyFile(file, trusted);
  } finally {
    await file.close();
  }
}

async function verifyFile(file: FileHandle, trusted: string | undefined): Promise<BundleVerification> {
  const problems: string[] = [];
  const entries = new Map<string, ZipEntry>();
  for (const entry of await readEntries(file)) {
    if (entries.has(entry.name)) problems.push(`${entry.name} is in the bundle twice.`);
    entries.set(entry.name, entry);
  }
  const whole = async (name: string): Promise<Buffer | undefined> => {
    const entry = entries.get(name);
    if (entry === undefined) {
      problems.push(`${name} is missing.`);
      return undefined;
    }
    return readWhole(file, entry).catch((error: Error) => {
      problems.push(`${name} cannot be read: ${error.message}.`);
      return undefined;
    });
  };
  const [sums, signature, key] = [await whole(SUMS), await whole(SIGNATURE), await whole(KEY)];
  const nothing = { problems, manifest: undefined, fingerprint: undefined, files: 0, seals: 0, entries: 0 };
  if (sums === undefined || signature === undefined || key === undefined) return nothing;
  const fingerprint = readFingerprint(key.toString('utf8'));
  if (fingerprint === undefined) problems.push(`${KEY} is no public key.`);
  else if (!isSigned(sums, signature, key)) {
    problems.push(`${SUMS} is not what was signed, or it was signed with another key than ${KEY}.`);
  }
  if (trusted !== undefined && fingerprint !== readFingerprint(trusted)) {
    problems.push(`${KEY} is another key than the one that you trust.`);
  }

  const listed = new Map<string, string>();
  for (const line of sums.toString('utf8').split('\n').filter(Boolean)) {
    const [, digest = '', name = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    listed.set(name, digest);
  }
  const chain = createChain();
  for (const [name, digest] of listed) {
    const entry = entries.get(name);
    if (entry === undefined) {
      problems.push(`${name || 'A file'} is listed in ${SUMS} and missing.`);
      continue;
    }
    try {
      const found = await digestOf(file, entry, chain.readerOf(name));
      if (found !== digest) problems.push(`${name} was changed: its digest is not the one that was signed.`);
    } catch (error) {
      problems.push(`${name} was changed: ${(error as Error).message}.`);
    }
  }
  for (const name of entries.keys()) {
    if (name !== SUMS && name !== SIGNATURE && !listed.has(name))
      problems.push(`${name} is not listed in ${SUMS}.`);
  }
  const manifest = await readManifest(await whole('manifest.json'));
  if (manifest === undefined) problems.push('manifest.json is no manifest of a bundle.');
  else if (manifest.keyFingerprint !== fingerprint) problems.push('manifest.json names another key.');
  const { seals, entries: sealed, problems: broken } = chain.finish();
  return {
    problems: [...problems, ...broken],
    manifest,
    fingerprint,
    files: listed.size,
    seals,
    entries: sealed,
  };
}

const isSigned = (content: Buffer, signature: Buffer, key: Buffer): boolean => {
  try {
    return verify(null, content, createPublicKey(key), signature);
  } catch {
    return false;
  }
};

function readFingerprint(pem: string): string | undefined {
  try {
    return fingerprintOf(pem);
  } catch {
    return undefined;
  }
}

async function readManifest(content: Buffer | undefined): Promise<Manifest | undefined> {
  try {
    const value = JSON.parse(content?.toString('utf8') ?? '') as Manifest;
    return value.format === 'rollcall-history-bundle' ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readWhole(file: FileHandle, entry: ZipEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readEntry(file, entry)) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new NotAZip(`${entry.name} is too large`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function digestOf(
  file: FileHandle,
  entry: ZipEntry,
  readLine: ((line: string) => void) | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let rest = Buffer.alloc(0);
  for await (const chunk of readEntry(file, entry)) {
    hash.update(chunk);
    if (readLine === undefined) continue;
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      readLine(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > MOST_BYTES) throw new NotAZip('a line is too long');
  }
  return hash.digest('hex');
}

/** Follows the chain of seals and their entries, which come in their order: one seal's leaves are in memory at a time. */
function createChain() {
  const seals = new Map<number, SealLine>();
  const problems: string[] = [];
  const proved = new Set<number>();
  let [entries, current] = [0, -1];
  let leaves: { id: string; leaf: Buffer }[] = [];

  const close = (): void => {
    const seal = seals.get(current);
    if (seal === undefined || leaves.length === 0) return;
    proved.add(seal.n);
    const root = rootOf(leaves.map(({ leaf }) => leaf));
    const again = digestOfSeal(seal.org_id, { ...sealOfLine(seal), root, leaves: packLeaves(leaves) });
    if (root.toString('hex') !== seal.root || again.toString('hex') !== seal.digest) {
      problems.push(`sealed-entries.ndjson: the entries of seal ${seal.n} are not those that were sealed.`);
    }
    leaves = [];
  };

  return {
    readerOf: (name: string): ((line: string) => void) | undefined => {
      if (name === 'seals.ndjson') {
        return (line) => {
          const seal = JSON.parse(line) as SealLine;
          const before = seals.get(seal.n - 1);
          if (before !== undefined && before.digest !== seal.prev) {
            problems.push(`seals.ndjson: seal ${seal.n} does not follow seal ${before.n}.`);
          }
          seals.set(seal.n, seal);
        };
      }
      if (name !== 'sealed-entries.ndjson') return undefined;
      return (line) => {
        const { seal, id, entry } = JSON.parse(line) as { seal: number; id: string; entry: string };
        if (seal !== current) close();
        current = seal;
        entries += 1;
        leaves.push({ id, leaf: leafOf(entry) });
      };
    },
    finish: () => {
      close();
      for (const { n } of seals.values()) {
        if (!proved.has(n)) problems.push(`sealed-entries.ndjson: the entries of seal ${n} are missing.`);
      }
      return { seals: seals.size, entries, problems };
    },
  };
}
