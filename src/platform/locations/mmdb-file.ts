import { readFile, stat } from 'node:fs/promises';
import { Reader } from 'mmdb-lib';
import { truncate } from '../truncate.ts';
import type { Location } from './location.ts';

/** Why a file cannot be used: the end of a sentence that begins with its path. */
export class MmdbError extends Error {
  override readonly name = 'MmdbError';
}

/** A file in MMDB format, read as a whole. */
export interface MmdbFile {
  /** Such as `GeoLite2-Country`. */
  readonly type: string;
  readonly builtAt: Date;
  /**
   * What the file says of an address.
   * @param address an IPv4 or IPv6 address
   * @throws Error if the file is damaged there
   */
  read(address: string): Location;
}

const LONGEST_NAME = 100;
const SEPARATOR_BYTES = 16;
/** A public address each, so that a file that cannot be searched is refused when it is opened. */
const SAMPLES = ['1.1.1.1', '2606:4700:4700::1111'];

/** @throws MmdbError if it cannot be read, or is no MMDB file */
export async function openMmdbFile(path: string): Promise<MmdbFile> {
  const content = await readWhole(path);
  const file = parseMmdb(content);
  if (file === undefined) throw new MmdbError('is not an MMDB file, or not a whole one');
  return file;
}

/** What changes when a file is replaced; undefined if none is there. */
export async function versionOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs}`;
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new MmdbError('does not exist');
    if (code === 'EISDIR') throw new MmdbError('is a folder');
    if (code === 'EACCES') throw new MmdbError("can't be read by this user");
    throw new MmdbError(`can't be read (${code ?? (error as Error).message})`);
  }
}

function parseMmdb(content: Buffer): MmdbFile | undefined {
  try {
    // Publishers lay their records out differently: toLocation checks each field.
    const reader = new Reader<never>(content);
    const { databaseType, buildEpoch, searchTreeSize, ipVersion } = reader.metadata;
    if (searchTreeSize + SEPARATOR_BYTES > content.length) return undefined;
    // An IPv6 address in a tree of IPv4 would be read as the IPv4 address that it begins with.
    const isCovered = (address: string) => ipVersion !== 4 || !address.includes(':');
    const read = (address: string) => (isCovered(address) ? toLocation(reader.get(address)) : NOTHING);
    for (const address of SAMPLES) read(address);
    return { type: databaseType, builtAt: buildEpoch, read };
  } catch {
    return undefined;
  }
}

const NOTHING: Location = { country: undefined, asn: undefined, asnName: undefined };

/**
 * A record in any of the layouts in use: MaxMind and DB-IP (`country.iso_code`, `autonomous_system_number`), IPinfo
 * (`country_code`, `asn: "AS3320"`, `as_name`). A country where the address is only registered is not where it is.
 */
function toLocation(record: unknown): Location {
  if (typeof record !== 'object' || record === null) return NOTHING;
  const fields = record as Readonly<Record<string, unknown>>;
  const country = fields['country'];
  const code =
    typeof country === 'object' && country !== null
      ? (country as Readonly<Record<string, unknown>>)['iso_code']
      : (fields['country_code'] ?? country);
  const asn = asnOf(fields['autonomous_system_number'] ?? fields['asn']);
  const name = fields['autonomous_system_organization'] ?? fields['as_name'];
  return {
    country: typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined,
    asn,
    asnName: asn === undefined || typeof name !== 'string' ? undefined : nameOf(name),
  };
}

function asnOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value.replace(/^AS/i, '')) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 0xffff_ffff
    ? number
    : undefined;
}

/** One line. */
function nameOf(text: string): string | undefined {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line === '' ? undefined : truncate(line, LONGEST_NAME);
}
