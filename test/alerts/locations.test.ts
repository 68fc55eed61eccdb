import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import pino from 'pino';
import request from 'supertest';
import {
  type Locations,
  openLocationFile,
  watchLocationFiles,
} from '../../src/platform/locations/locations.ts';
import { joins, mailsTo, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type MmdbOptions, writeMmdb } from '../support/mmdb.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const DAY_MS = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';
const HOME = '84.140.10.7';
const NEXT_DOOR = '84.140.11.7';
const OTHER_PROVIDER = '77.20.1.7';
const PARIS = '90.10.1.7';
const NOWHERE = '9.9.9.9';

const countries = {
  '84.140.0.0/16': { country: { iso_code: 'DE' } },
  '77.20.0.0/16': { country: { iso_code: 'DE' } },
  '90.10.0.0/16': { country: { iso_code: 'FR' } },
};
const systems = {
  '84.140.0.0/16': { autonomous_system_number: 3320, autonomous_system_organization: 'Deutsche Telekom AG' },
  '77.20.0.0/16': { autonomous_system_number: 3209, autonomous_system_organization: 'Vodafone GmbH' },
  '90.10.0.0/16': { autonomous_system_number: 3215, autonomous_system_organization: 'Orange S.A.' },
};

let clock = Date.now();
let folder: string;
let locations: Locations;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

async function openFiles(networks: MmdbOptions['networks']): Promise<Locations> {
  const paths = [join(folder, 'country.mmdb'), join(folder, 'asn.mmdb')] as const;
  await writeFile(paths[0], writeMmdb({ networks, type: 'GeoLite2-Country' }));
  await writeFile(paths[1], writeMmdb({ networks: systems, type: 'GeoLite2-ASN' }));
  return watchLocationFiles(await Promise.all(paths.map(openLocationFile)), {
    log: pino({ level: 'silent' }),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-locations-'));
  locations = await openFiles(countries);
  rollcall = await startRollcall({
    trustProxy: 1,
    now: () => new Date(clock),
    locate: (address) => locations.locate(address),
  });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(async () => {
  await rollcall.close();
  locations.close();
  await rm(folder, { recursive: true, force: true });
});

const signIn = (email: string, ip: string, password = PASSWORD) =>
  request(rollcall.server)
    .post('/api/v1/auth/login')
    .set({ 'X-Forwarded-For': ip, 'User-Agent': FIREFOX })
    .send({ email, password });

async function pass(days: number): Promise<void> {
  clock += days * DAY_MS;
  owner = await signInAsOwner(rollcall, organization);
}

/** A user whom the detector knows at home. */
async function livesAtHome(): Promise<TestUser> {
  const user = await joins(rollcall, owner);
  for (let round = 0; round < 12; round += 1) await signIn(user.email, HOME).expect(200);
  await pass(15);
  await signIn(user.email, HOME).expect(200);
  return user;
}

async function alertsOf({ id }: TestUser) {
  await rollcall.rollcall.watchForAlerts();
  return (await owner.get(`/alerts?user=${id}&kind=new_location`).expect(200)).body.data;
}

const eventsOf = async ({ id }: TestUser, action: string) =>
  (await owner.get(`/audit?target=${id}&action=${action}`).expect(200)).body.data;

describe('R110 with files of countries and AS numbers', () => {
  test('a sign-in from another network of the same country and AS opens no alert, one from another country does', async () => {
    const user = await livesAtHome();
    await signIn(user.email, NEXT_DOOR).expect(200);
    expect(await alertsOf(user)).toEqual([]);
    await signIn(user.email, PARIS).expect(200);
    const why =
      'A sign-in came from the network 90.10.1.0/24 (France, AS3215 Orange S.A.) with a known device (Firefox on Linux). The country and the AS number are new for this account; usual is Germany, AS3320 Deutsche Telekom AG.';
    expect(await alertsOf(user)).toMatchObject([
      {
        severity: 'medium',
        why,
        values: { country: 'FR', newCountry: true, asn: 3215, asnName: 'Orange S.A.', newAsn: true },
      },
    ]);
    await rollcall.rollcall.mailAlerts();
    const mails = await mailsTo(rollcall, user.email);
    expect(mails.map(({ text }) => text?.replace(/\s+/g, ' ')).join('\n')).toContain(why);

    await signIn(user.email, PARIS).expect(200);
    expect(await alertsOf(user)).toHaveLength(1);
  });

  test('a sign-in through another AS of the country opens a low one', async () => {
    const user = await livesAtHome();
    await signIn(user.email, OTHER_PROVIDER).expect(200);
    expect(await alertsOf(user)).toMatchObject([
      { severity: 'low', values: { country: 'DE', newCountry: false, newAsn: true } },
    ]);
  });

  test('a sign-in from an address that they do not know opens one as without them', async () => {
    const user = await livesAtHome();
    await signIn(user.email, NOWHERE).expect(200);
    expect(await alertsOf(user)).toMatchObject([
      {
        severity: 'low',
        why: 'A sign-in came from the network 9.9.9.0/24 with a known device (Firefox on Linux).',
        values: { country: null, newCountry: false },
      },
    ]);
  });

  test('files that are mounted later know the networks of sign-ins from before', async () => {
    const mounted = locations;
    locations = watchLocationFiles([], { log: pino({ level: 'silent' }) });
    const user = await livesAtHome();
    expect(await alertsOf(user)).toEqual([]);
    locations = mounted;
    await signIn(user.email, NEXT_DOOR).expect(200);
    expect(await alertsOf(user)).toEqual([]);
    await signIn(user.email, PARIS).expect(200);
    expect(await alertsOf(user)).toMatchObject([{ severity: 'medium' }]);
  });
});

describe('where an address is', () => {
  test('is shown with sessions', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, HOME).expect(200);
    await signIn(user.email, '10.1.2.3').expect(200);
    const { sessions } = (await owner.get(`/users/${user.id}/security`).expect(200)).body;
    const shown = new Map(
      sessions.map((each: { ip: string; location: unknown }) => [each.ip, each.location]),
    );
    expect(shown.get(HOME)).toEqual({ country: 'DE', asn: 3320, asnName: 'Deutsche Telekom AG' });
    expect(shown.get('10.1.2.3')).toBeNull();
    const own = (await user.get('/me/sessions').expect(200)).body.data;
    expect(own.map(({ location }: { location: unknown }) => location)).toContainEqual(shown.get(HOME));
  });

  test('is shown with failed sign-ins, only to those who may see the address', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, PARIS, 'wrong').expect(401);
    const failed = (entries: readonly { type: string }[]) =>
      entries.find(({ type }) => type === 'auth.failed');
    const shown = (await owner.get(`/users/${user.id}/activity`).expect(200)).body.data;
    expect(failed(shown)).toMatchObject({ ip: PARIS, location: { country: 'FR', asn: 3215 } });
    const own = (await user.get(`/users/${user.id}/activity`).expect(200)).body.data;
    expect(failed(own)).toMatchObject({ ip: null, location: null });
  });

  test('is recorded with the event as a country, exported, and as it was known then', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, PARIS, 'wrong').expect(401);
    await signIn(user.email, '10.1.2.3').expect(200);
    const mounted = locations;
    locations = await openFiles({ '90.10.0.0/16': { country: { iso_code: 'BE' } } });
    expect(await eventsOf(user, 'auth.failed')).toMatchObject([{ ip: PARIS, country: 'FR' }]);
    expect(await eventsOf(user, 'session.started')).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ ip: '10.1.2.3', country: null })]),
    );
    const query = `target=${user.id}&action=auth.failed`;
    const ocsf = await owner.get(`/audit/export?format=ocsf&${query}`).buffer(true).expect(200);
    expect(JSON.parse(ocsf.text).src_endpoint).toEqual({ ip: PARIS, location: { country: 'FR' } });
    const csv = await owner.get(`/audit/export?format=csv&${query}`).buffer(true).expect(200);
    expect(parse(csv.text, { columns: true, bom: true })).toMatchObject([{ ip: PARIS, country: 'FR' }]);
    locations.close();
    locations = mounted;
  });

  test('is erased from events with the address', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, PARIS).expect(200);
    const find = () =>
      rollcall.rollcall.db.search<{ ip: string | null; country: string | null }>(
        `select host(ip) as ip, country from events where target_id = $1 and action = 'session.started'`,
        [user.id],
      );
    expect(await find()).toContainEqual({ ip: PARIS, country: 'FR' });
    await owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
    for (const event of await find()) expect(event).toEqual({ ip: null, country: null });
    expect((await owner.get('/audit/verify').expect(200)).body).toMatchObject({ ok: true });
  });

  test('goes with an address that a version before this one empties', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, PARIS).expect(200);
    const [event] = await rollcall.rollcall.db.search<{ country: string | null }>(
      `update events set ip = null, user_agent = null
        where target_id = $1 and action = 'session.started' and country is not null returning country`,
      [user.id],
    );
    expect(event).toEqual({ country: null });
  });

  test('is told of an address from which passwords are tried on many accounts', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => joins(rollcall, owner)));
    for (const { email } of [...users, ...users]) await signIn(email, '90.10.77.7', 'wrong');
    await rollcall.rollcall.watchForAlerts();
    const { data } = (await owner.get('/alerts?kind=password_spraying').expect(200)).body;
    expect(data).toMatchObject([
      {
        why: '10 sign-ins of 5 users failed from the address 90.10.77.7 (France, AS3215 Orange S.A.) within 15 minutes.',
        values: { ip: '90.10.77.7', country: 'FR', asn: 3215 },
      },
    ]);
  });
});
