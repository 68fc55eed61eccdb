import ipaddr from 'ipaddr.js';
import type { Logger } from 'pino';
import { isPublicAddress } from '../http-client/addresses.ts';
import type { Locate, Location } from './location.ts';
import { type MmdbFile, openMmdbFile, versionOf } from './mmdb-file.ts';

const CHECK_MS = 60_000;
/** Addresses whose answers are kept: a lookup reads a whole record, 40 µs, and clients ask again and again. */
const MOST_REMEMBERED = 4_096;

/** Files that say where addresses are, kept in memory and read again once they are replaced. */
export interface Locations {
  readonly locate: Locate;
  /** Reads again what was replaced and has not changed since the last check. */
  checkFiles(): Promise<void>;
  close(): void;
}

/** A file that was read. */
export interface LocationFile {
  readonly path: string;
  readonly content: MmdbFile;
  readonly version: string | undefined;
}

interface Watched {
  readonly path: string;
  content: MmdbFile;
  /** The version that was read last, with or without success. */
  tried: string | undefined;
  /** The version at the last check. */
  seen: string | undefined;
}

/** Reads a file. @throws MmdbError */
export async function openLocationFile(path: string): Promise<LocationFile> {
  const version = await versionOf(path);
  return { path, version, content: await openMmdbFile(path) };
}

/**
 * Where addresses are, by files that were opened: each part is taken from the first file that has it. Files are replaced
 * while the server runs, so they are looked at once a minute. One that is damaged or gone leaves the one before in use,
 * with a warning.
 */
export function watchLocationFiles(
  opened: readonly LocationFile[],
  { log, everyMs = CHECK_MS }: { readonly log: Logger; readonly everyMs?: number },
): Locations {
  const files = opened.map(
    ({ path, content, version }): Watched => ({ path, content, tried: version, seen: version }),
  );
  const remembered = new Map<string, Location | undefined>();
  let warnedOfRead = false;

  const check = async (file: Watched): Promise<void> => {
    const version = await versionOf(file.path);
    // What changes from check to check is still being written.
    const isSettled = version === file.seen;
    file.seen = version;
    if (!isSettled || version === file.tried) return;
    file.tried = version;
    try {
      file.content = await openMmdbFile(file.path);
      remembered.clear();
      warnedOfRead = false;
      log.info({ path: file.path, builtAt: file.content.builtAt }, 'location file was read again');
    } catch (error) {
      const message = `location file ${(error as Error).message}; the one before stays in use`;
      log.warn({ path: file.path, builtAt: file.content.builtAt }, message);
    }
  };
  const checkFiles = async (): Promise<void> => {
    for (const file of files) await check(file);
  };
  const timer = files.length === 0 ? undefined : setInterval(() => void checkFiles(), everyMs).unref();

  const read = ({ path, content }: Watched, address: string): Location | undefined => {
    try {
      return content.read(address);
    } catch (error) {
      if (!warnedOfRead) log.warn({ path, cause: (error as Error).message }, 'location file is damaged');
      warnedOfRead = true;
      return undefined;
    }
  };

  const find = (address: string): Location | undefined => {
    const found = files.map((file) => read(file, address)).filter((each) => each !== undefined);
    const country = found.find((each) => each.country !== undefined)?.country;
    const system = found.find((each) => each.asn !== undefined);
    if (country === undefined && system === undefined) return undefined;
    return { country, asn: system?.asn, asnName: system?.asnName };
  };

  return {
    locate: (text) => {
      if (files.length === 0 || typeof text !== 'string') return undefined;
      if (remembered.has(text)) return remembered.get(text);
      const address = publicAddress(text);
      if (address === undefined) return undefined;
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      const location = find(address);
      remembered.set(text, location);
      return location;
    },
    checkFiles,
    close: () => clearInterval(timer),
  };
}

/** An address of the public Internet in its plain form: private and reserved ones are nowhere. */
function publicAddress(text: string): string | undefined {
  const [address = ''] = text.split('%', 1);
  const plain = address.includes('.') && address.includes(':') ? unmapped(address) : address;
  return isPublicAddress(plain) ? plain : undefined;
}

/** The IPv4 address that an IPv6 address maps. */
function unmapped(address: string): string {
  return ipaddr.IPv6.isValid(address) ? ipaddr.process(address).toString() : address;
}
