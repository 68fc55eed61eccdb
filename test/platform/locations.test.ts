import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { openLocationFiles } from '../../src/config/location-files.ts';
import {
  type Locations,
  openLocationFile,
  watchLocationFiles,
} from '../../src/platform/locations/locations.ts';
import { openMmdbFile } from '../../src/platform/locations/mmdb-file.ts';
import { writeMmdb } from '../support/mmdb.ts';

const german = { country: { iso_code: 'DE', names: { en: 'Germany' } } };
const swiss = { country: { iso_code: 'CH' } };
const telekom = { autonomous_system_number: 3320, autonomous_system_organization: 'Deutsche Telekom AG' };

let folder: string;
let countries: string;
let systems: string;
const logged: { readonly level: number; readonly msg: string }[] = [];
const log = pino(
  new Writable({
    write: (line, _encoding, done) => {
      logged.push(JSON.parse(String(line)));
      done();
    },
  }),
);
const warnings = () => logged.filter(({ level }) => level === 40).map(({ msg }) => msg);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-locations-'));
  [countries, systems] = [join(folder, 'country.mmdb'), join(folder, 'asn.mmdb')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  logged.length = 0;
  await writeFile(
    countries,
    writeMmdb({
      networks: {
        '81.2.69.0/24': german,
        '81.2.69.128/25': swiss,
        '10.0.0.0/8': german,
        '2a00:1450::/32': swiss,
      },
    }),
  );
  await writeFile(systems, writeMmdb({ networks: { '81.2.0.0/16': telekom }, recordSize: 32 }));
});

async function locationsOf(...paths: string[]): Promise<Locations> {
  return watchLocationFiles(await Promise.all(paths.map(openLocationFile)), { log, everyMs: 3_600_000 });
}

/** What a check finds changed is read by the next, once it has settled. */
async function checkTwice({ checkFiles }: Locations): Promise<void> {
  await checkFiles();
  await checkFiles();
}

describe('where an address is', () => {
  test.each<[string, string | null | undefined, object | undefined]>([
    ['is the longest network that has it', '81.2.69.200', { country: 'CH', asn: 3320 }],
    ['comes from two files', '81.2.69.7', { country: 'DE', asn: 3320, asnName: 'Deutsche Telekom AG' }],
    ['is known in part where one file has it', '81.2.70.1', { country: undefined, asn: 3320 }],
    ['is known of IPv6', '2A00:1450:0:0::7', { country: 'CH', asn: undefined }],
    ['is known of IPv4 written as IPv6', '::ffff:81.2.69.7', { country: 'DE', asn: 3320 }],
    ['is unknown where no file has it', '8.8.8.8', undefined],
    ['is unknown of a private address, whatever a file says', '10.1.2.3', undefined],
    ['is unknown of a loopback address', '::1', undefined],
    ['is unknown of what is no address', 'unknown', undefined],
    ['is unknown without an address', undefined, undefined],
    ['is unknown without an address in the database', null, undefined],
  ])('%s', async (_name, address, expected) => {
    const locations = await locationsOf(countries, systems);
    if (expected === undefined) expect(locations.locate(address)).toBeUndefined();
    else expect(locations.locate(address)).toMatchObject(expected);
  });

  test('is unknown without files', () => {
    expect(watchLocationFiles([], { log }).locate('81.2.69.7')).toBeUndefined();
  });

  test('is read from the layouts of several publishers', async () => {
    const both = join(folder, 'both.mmdb');
    const networks = {
      '81.2.69.0/24': { country_code: 'AT', asn: 'AS8447', as_name: 'A1\nTelekom' },
      '81.2.70.0/24': { country: 'AT', asn: 'AS8447' },
      '81.2.71.0/24': { country_code: 'AT', autonomous_system_number: 8447 },
      '81.2.72.0/24': { registered_country: { iso_code: 'AT' } },
      '81.2.73.0/24': { country: { iso_code: 'Austria' }, asn: 'A1' },
      '81.2.74.0/24': 'AT',
    };
    await writeFile(both, writeMmdb({ networks }));
    const { locate } = await locationsOf(both);
    expect(locate('81.2.69.1')).toEqual({ country: 'AT', asn: 8447, asnName: 'A1 Telekom' });
    expect(locate('81.2.70.1')).toEqual({ country: 'AT', asn: 8447, asnName: undefined });
    expect(locate('81.2.71.1')).toEqual({ country: 'AT', asn: 8447, asnName: undefined });
    for (const address of ['81.2.72.1', '81.2.73.1', '81.2.74.1']) expect(locate(address)).toBeUndefined();
  });
});

describe('a file', () => {
  test('that is set as both is read once', async () => {
    const files = [
      { setting: 'GEOIP_COUNTRY_FILE', path: countries },
      { setting: 'GEOIP_ASN_FILE', path: countries },
    ] as const;
    expect(await openLocationFiles({ locationFiles: files })).toMatchObject([{ path: countries }]);
  });

  test('that is missing, a folder, or no MMDB file is refused, each with its reason', async () => {
    await expect(openMmdbFile(join(folder, 'missing.mmdb'))).rejects.toThrow('does not exist');
    await expect(openMmdbFile(folder)).rejects.toThrow('is a folder');
    const page = join(folder, 'page.mmdb');
    for (const content of ['', '<!doctype html><title>Sign in</title>', Buffer.alloc(4_096)]) {
      await writeFile(page, content);
      await expect(openMmdbFile(page)).rejects.toThrow('is not an MMDB file');
    }
    await truncate(countries, 200);
    await expect(openMmdbFile(countries)).rejects.toThrow('or not a whole one');
  });

  test('whose tree is cut short is refused', async () => {
    const whole = writeMmdb({ networks: { '81.2.69.0/24': german } });
    await writeFile(countries, whole.subarray(600));
    await expect(openMmdbFile(countries)).rejects.toThrow('is not an MMDB file');
  });

  test('that was replaced is read again, once it no longer changes', async () => {
    const locations = await locationsOf(countries);
    const next = join(folder, 'next.mmdb');
    await writeFile(next, writeMmdb({ networks: { '81.2.69.0/24': swiss } }));
    await rename(next, countries);
    await locations.checkFiles();
    expect(locations.locate('81.2.69.7')?.country).toBe('DE');
    await locations.checkFiles();
    expect(locations.locate('81.2.69.7')?.country).toBe('CH');
    expect(warnings()).toEqual([]);
  });

  test('that was replaced by a broken one stays in use, with one warning, until a good one comes', async () => {
    const locations = await locationsOf(countries);
    await writeFile(countries, 'half a file');
    for (let round = 0; round < 3; round += 1) await checkTwice(locations);
    expect(locations.locate('81.2.69.7')?.country).toBe('DE');
    expect(warnings()).toEqual([
      'location file is not an MMDB file, or not a whole one; the one before stays in use',
    ]);
    await writeFile(countries, writeMmdb({ networks: { '81.2.69.0/24': swiss } }));
    await checkTwice(locations);
    expect(locations.locate('81.2.69.7')?.country).toBe('CH');
  });

  test('that is gone stays in use, with one warning', async () => {
    const locations = await locationsOf(countries);
    await rm(countries);
    for (let round = 0; round < 3; round += 1) await checkTwice(locations);
    expect(locations.locate('81.2.69.7')?.country).toBe('DE');
    expect(warnings()).toEqual(['location file does not exist; the one before stays in use']);
  });

  test('that is damaged where an address leads says nothing of it, with one warning', async () => {
    const whole = writeMmdb({ networks: { '81.2.69.0/24': german } });
    whole.fill(0xff, whole.indexOf('country') - 2, whole.indexOf('country') + 10);
    await writeFile(countries, whole);
    const locations = await locationsOf(countries, systems);
    for (let round = 0; round < 3; round += 1) {
      expect(locations.locate('81.2.69.7')).toMatchObject({ country: undefined, asn: 3320 });
    }
    expect(warnings()).toEqual(['location file is damaged']);
  });
});
