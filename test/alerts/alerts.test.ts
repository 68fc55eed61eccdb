import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { readExportedTable } from '../../src/exports/store.ts';
import { joins, mailsTo, PASSWORD, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

interface Alert {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
  readonly user: { readonly id: string } | null;
  readonly why: string;
  readonly occurrences: number;
  readonly values: Readonly<Record<string, unknown>>;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
let clock = Date.now();
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ trustProxy: 1, now: () => new Date(clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const signIn = (email: string, ip: string, password = PASSWORD) =>
  request(rollcall.server)
    .post('/api/v1/auth/login')
    .set({
      'X-Forwarded-For': ip,
      'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    })
    .send({ email, password });
const alertsOf = async (query: string): Promise<readonly Alert[]> => {
  await rollcall.rollcall.watchForAlerts();
  const answer = await owner.get(`/alerts?${query}`);
  expect(answer.status).toBe(200);
  return answer.body.data;
};

describe('alerts', () => {
  test('R110 a sign-in from a network that is new for a user opens one, after the detector has learned', async () => {
    const jane = await joins(rollcall, owner, { name: 'Jane Doe' });
    for (let round = 0; round < 12; round += 1) await signIn(jane.email, '198.51.100.7').expect(200);
    await signIn(jane.email, '203.0.113.9').expect(200);
    expect(await alertsOf(`user=${jane.id}&kind=new_location`)).toEqual([]);
    clock += 15 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    await signIn(jane.email, '192.0.2.44').expect(200);
    const [alert, ...others] = await alertsOf(`user=${jane.id}&kind=new_location`);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      severity: 'low',
      state: 'open',
      why: 'A sign-in came from the network 192.0.2.0/24 with a known device (Firefox on Linux).',
    });

    await owner.patch(`/alerts/${alert?.id}`, { state: 'false_positive', note: 'Her new flat' }).expect(200);
    clock += 100 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    await signIn(jane.email, '192.0.2.44').expect(200);
    expect(await alertsOf(`user=${jane.id}&kind=new_location&state=open`)).toEqual([]);
  });

  test('R112 five wrong passwords lock the account and open one, once', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 7; round += 1) await signIn(user.email, '198.51.100.20', 'wrong');
    const found = await alertsOf(`user=${user.id}&kind=failed_sign_ins`);
    expect(found).toMatchObject([{ severity: 'high', state: 'open', occurrences: 1 }]);
    expect(await alertsOf(`user=${user.id}&kind=failed_sign_ins`)).toEqual(found);
  });

  test('passwords that are tried on many accounts from one address open one for the organization', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => joins(rollcall, owner)));
    for (const { email } of [...users, ...users]) await signIn(email, '203.0.113.200', 'wrong');
    expect(await alertsOf('kind=password_spraying')).toMatchObject([
      { severity: 'high', user: null, values: { ip: '203.0.113.200', failures: 10, users: 5 } },
    ]);
    // Once more is the same alert, and announced no second time.
    await signIn(users[0]?.email ?? '', '203.0.113.200', 'wrong');
    const [again, ...more] = await alertsOf('kind=password_spraying');
    expect([again?.occurrences, more]).toEqual([2, []]);
    const announced = await owner.get(`/audit?target=${again?.id}&action=alert.opened`);
    expect(announced.body.data).toHaveLength(1);
  });

  test('R113 the first API key of an administrator opens one, the second does not', async () => {
    const one = await owner.post('/me/api-keys', { name: 'One', scopes: ['users:read'] }).expect(201);
    clock += 1_000;
    await owner.post('/me/api-keys', { name: 'Two', scopes: ['users:read'] }).expect(201);
    const found = await alertsOf('kind=sensitive_action');
    expect(found.filter(({ values }) => values['action'] === 'api_key.created')).toMatchObject([
      {
        severity: 'medium',
        user: { id: owner.id },
        occurrences: 1,
        why: 'The user created the API key One.',
        target: { type: 'api_key', id: one.body.id, name: 'One' },
      },
    ]);
  });

  test('R113 the alert about a webhook names its host, one about an owner the user with the name of today', async () => {
    const url = 'https://hooks.example.com/a-secret-path';
    const hook = await owner.post('/webhooks', { url, events: ['user.created'] }).expect(201);
    const next = await joins(rollcall, owner, { name: 'Nia Next', role: 'admin' });
    await owner.put(`/users/${next.id}/owner`, { password: OWNER_PASSWORD }).expect(204);
    await owner.patch(`/users/${next.id}`, { name: 'Nia Newname' }).expect(200);
    const found = await alertsOf('kind=sensitive_action');
    expect(found.find(({ values }) => values['action'] === 'webhook.created')).toMatchObject({
      why: 'The user added a webhook to hooks.example.com.',
      target: { type: 'webhook', id: hook.body.webhook.id },
    });
    expect(found.find(({ values }) => values['action'] === 'user.owner_granted')).toMatchObject({
      why: 'The user made a user an owner.',
      target: { type: 'user', id: next.id, name: 'Nia Newname' },
    });
    await owner.delete(`/users/${next.id}/owner`, { password: OWNER_PASSWORD }).expect(204);
    await owner.delete(`/users/${next.id}`, { mode: 'soft', password: OWNER_PASSWORD }).expect(204);
  });

  test('R115 an alert is decided by someone else than whom it is about, unless there is no other administrator', async () => {
    const [own] = (await alertsOf('kind=sensitive_action&state=open')).filter(
      ({ user }) => user?.id === owner.id,
    );
    const path = `/alerts/${own?.id}`;
    const seen = await owner.get(path);
    expect(seen.body.mayDecide).toBe(true);
    await owner.patch(path, { state: 'acknowledged' }).expect(200);

    const other = await joins(rollcall, owner, { name: 'Otto Other', role: 'admin' });
    const rejected = await owner.patch(path, { state: 'false_positive' });
    expect([rejected.status, rejected.body.code, rejected.body.detail]).toEqual([
      403,
      'self_change',
      'This alert is about yourself: ask another administrator to decide about it.',
    ]);
    expect((await owner.get(path)).body).toMatchObject({ state: 'acknowledged', mayDecide: false });
    expect((await other.get(path)).body.mayDecide).toBe(true);
    await other.patch(path, { state: 'resolved' }).expect(200);
    await owner.delete(`/users/${other.id}`, { mode: 'soft', password: OWNER_PASSWORD }).expect(204);
  });

  test('R114 a sign-in outside working hours opens one where the rule is on', async () => {
    const settings = { off_hours: { enabled: true, days: [], timeZone: 'Europe/Berlin' } };
    await owner.put('/alert-rules', settings).expect(200);
    const user = await joins(rollcall, owner);
    await signIn(user.email, '198.51.100.7').expect(200);
    const [alert] = await alertsOf(`user=${user.id}&kind=off_hours`);
    expect(alert?.severity).toBe('low');
    await owner.put('/alert-rules', { off_hours: { enabled: false } }).expect(200);
    expect((await owner.get('/alert-rules')).body.off_hours).toMatchObject({ enabled: false, from: '07:00' });
  });

  test('R114: working hours of a group hold for its members, and a user’s own before them', async () => {
    const never = { days: [], timeZone: 'Europe/Berlin' };
    const { id: group } = (await owner.post('/groups', { name: 'Night shift' })).body;
    const [watched, other] = [
      await joins(rollcall, owner, { groups: [group] }),
      await joins(rollcall, owner),
    ];
    const set = await owner.put(`/groups/${group}/working-hours`, never).expect(200);
    expect(set.body.hours).toMatchObject({ enabled: true, days: [], from: '07:00' });
    await signIn(watched.email, '198.51.100.8').expect(200);
    await signIn(other.email, '198.51.100.8').expect(200);
    expect(await alertsOf(`user=${watched.id}&kind=off_hours`)).toHaveLength(1);
    expect(await alertsOf(`user=${other.id}&kind=off_hours`)).toEqual([]);

    const own = await joins(rollcall, owner, { groups: [group] });
    await owner.put(`/users/${own.id}/working-hours`, { ...never, enabled: false }).expect(200);
    await signIn(own.email, '198.51.100.8').expect(200);
    expect(await alertsOf(`user=${own.id}&kind=off_hours`)).toEqual([]);
    await owner.delete(`/users/${own.id}/working-hours`).expect(204);
    expect((await owner.get(`/users/${own.id}/working-hours`)).body).toEqual({ hours: null });
    await signIn(own.email, '198.51.100.8').expect(200);
    expect(await alertsOf(`user=${own.id}&kind=off_hours`)).toHaveLength(1);

    const { body } = await owner.get(`/audit?action=working_hours.updated&limit=10`);
    expect(body.data).toHaveLength(3);
    expect(body.data[0].sentence).toContain('changed the working hours of');
    await owner.delete(`/groups/${group}/working-hours`).expect(204);
  });

  test('a connection that deactivates a fifth of its users opens one', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 12; number += 1) {
      const made = await organization.scim('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `mass-${number}@rollcall.example`,
      });
      ids.push(made.body.id);
    }
    const off = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active: false } }],
    };
    for (const id of ids.slice(0, 9)) await organization.scim('PATCH', `/Users/${id}`, off);
    expect(await alertsOf('kind=mass_change')).toEqual([]);
    await organization.scim('PATCH', `/Users/${ids[9]}`, off);
    await organization.scim('DELETE', `/Users/${ids[10]}`);
    expect(await alertsOf('kind=mass_change')).toMatchObject([
      {
        severity: 'high',
        user: null,
        values: { removed: 11 },
        connection: { id: organization.connection },
        why: expect.stringMatching(/^Test deactivated or deleted 11 users /),
      },
    ]);
  });

  test('a SCIM token that expires soon, and a connection that fell silent, each open one', async () => {
    const { id } = (await owner.post('/scim/connections', { name: 'Okta' })).body;
    await owner.post(`/scim/connections/${id}/tokens`, {
      password: OWNER_PASSWORD,
      expiresAt: new Date(clock + 10 * DAY_MS).toISOString(),
    });
    expect(await alertsOf('kind=expiring')).toMatchObject([
      {
        severity: 'medium',
        connection: { name: 'Okta' },
        why: expect.stringMatching(/^The SCIM token ending in \S+ of Okta expires on /),
      },
    ]);
    clock += 4 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    expect(await alertsOf('kind=silent_connection')).toMatchObject([
      {
        connection: { id: organization.connection },
        why: expect.stringMatching(/^Test has sent no request since /),
      },
    ]);
  });

  test('an API key that expires soon opens one about its holder, unless it was made for less time', async () => {
    const holder = await joins(rollcall, owner, { role: 'admin' });
    const expiresAt = (days: number) => new Date(clock + days * DAY_MS).toISOString();
    const make = (name: string, days: number) =>
      holder.post('/me/api-keys', { name, scopes: ['users:read'], expiresAt: expiresAt(days) }).expect(201);
    await make('Nightly export', 20);
    await make('For a week', 7);
    expect(await alertsOf(`kind=expiring&user=${holder.id}`)).toEqual([]);
    clock += 8 * DAY_MS - HOUR_MS;
    owner = await signInAsOwner(rollcall, organization);
    expect(await alertsOf(`kind=expiring&user=${holder.id}`)).toMatchObject([
      { severity: 'medium', why: expect.stringMatching(/^The API key Nightly export expires on /) },
    ]);
    clock += 10 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    expect(await alertsOf(`kind=expiring&user=${holder.id}`)).toMatchObject([
      { severity: 'high' },
      { severity: 'medium' },
    ]);
  });

  test('a verified domain whose DNS record is gone for a day opens one, and one again the next time', async () => {
    const body = { name: 'Acme', protocol: 'saml', provider: 'generic' };
    const { id } = (await owner.post('/sso/connections', body).expect(201)).body;
    await owner.put(`/sso/connections/${id}/domains`, { domains: [{ domain: 'acme.example' }] }).expect(200);
    const setMissing = (missingAt: number) =>
      rollcall.rollcall.db.search(
        'update sso_domains set verified_at = $2, checked_at = $2, missing_at = $2 where org_id = $1',
        [organization.org, new Date(missingAt).toISOString()],
      );
    await setMissing(clock - 23 * HOUR_MS);
    expect(await alertsOf('kind=missing_domain_record')).toEqual([]);
    clock += 2 * HOUR_MS;
    expect(await alertsOf('kind=missing_domain_record')).toMatchObject([
      { severity: 'medium', connection: { name: 'Acme' }, values: { domain: 'acme.example' } },
    ]);
    await setMissing(clock - 26 * HOUR_MS);
    expect(await alertsOf('kind=missing_domain_record')).toHaveLength(2);
  });

  test('R111 many more queries than usual of a user open one', async () => {
    const key = await owner.post('/me/api-keys', { name: 'Reports', scopes: ['activity:report'] });
    const reporter = withKey(rollcall.server, key.body.token);
    const user = await joins(rollcall, owner);
    const hour = Math.floor(clock / HOUR_MS) * HOUR_MS;
    let number = 0;
    const queries = (daysAgo: number, count: number) =>
      Array.from({ length: count }, () => {
        number += 1;
        const id = `0190aaaa-0000-7000-8000-${String(number).padStart(12, '0')}`;
        return { id, type: 'query', userId: user.id, at: new Date(hour - daysAgo * DAY_MS).toISOString() };
      });
    const usual = Array.from({ length: 30 }, (_, day) => queries(day + 1, 8)).flat();
    await reporter.post('/activity/events', { events: usual }).expect(202);
    await reporter.post('/activity/events', { events: queries(0, 19) }).expect(202);
    expect(await alertsOf(`user=${user.id}&kind=query_volume`)).toEqual([]);
    await reporter.post('/activity/events', { events: queries(0, 81) }).expect(202);
    expect(await alertsOf(`user=${user.id}&kind=query_volume`)).toMatchObject([
      { values: { queries: 100 }, why: '100 queries in an hour are unusual for this user.' },
    ]);
  });

  test('R115 a decision is kept with its note, and is an event', async () => {
    const [alert] = await alertsOf('state=open&kind=failed_sign_ins');
    const decided = await owner.patch(`/alerts/${alert?.id}`, {
      state: 'acknowledged',
      note: 'Looking into it',
    });
    expect(decided.body).toMatchObject({
      state: 'acknowledged',
      note: 'Looking into it',
      decidedBy: { id: owner.id },
    });
    const { states } = (await owner.get('/alerts/counts')).body;
    expect(states).toContainEqual({ state: 'acknowledged', alerts: 1, isAtLeast: false });
    expect(states.map(({ state }: { state: string }) => state).sort()).toEqual([
      'acknowledged',
      'false_positive',
      'open',
      'resolved',
    ]);
    const [event] = (await owner.get(`/audit?target=${alert?.id}&action=alert.decided`)).body.data;
    expect(event).toMatchObject({
      reason: 'Looking into it',
      changes: { values: { state: ['open', 'acknowledged'] } },
    });
  });

  test('administrators are mailed each alert once', async () => {
    await rollcall.rollcall.mailAlerts();
    const mails = (await mailsTo(rollcall, organization.ownerEmail)).filter(({ text }) =>
      text?.includes('This happened at'),
    );
    expect(mails.length).toBeGreaterThan(0);
    expect(mails.map(({ text }) => text).join('\n')).toMatch(
      /HIGH: your organization. 11 sign-ins of 5 users failed/,
    );
    await rollcall.rollcall.mailAlerts();
    const again = (await mailsTo(rollcall, organization.ownerEmail)).filter(({ text }) =>
      text?.includes('This happened at'),
    );
    expect(again).toHaveLength(mails.length);
  });

  test('of one organization open although those of another cannot be stored', async () => {
    const broken = await rollcall.organization();
    const brokenOwner = await signInAsOwner(rollcall, broken);
    const { db } = rollcall.rollcall;
    await db.search(
      `create function reject_alerts() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$`,
      [],
    );
    await db.search(
      `create trigger reject before insert on alerts for each row when (new.org_id = '${broken.org}') execute function reject_alerts()`,
      [],
    );
    const others = [owner, await signInAsOwner(rollcall, await rollcall.organization())];
    await brokenOwner.post('/me/api-keys', { name: 'One', scopes: ['users:read'] }).expect(201);
    const users = await Promise.all(others.map((inviter) => joins(rollcall, inviter)));
    for (let round = 0; round < 5; round += 1) {
      for (const { email } of users) await signIn(email, '198.51.100.20', 'wrong');
    }
    await expect(rollcall.rollcall.watchForAlerts()).rejects.toThrow('broken');
    for (const [index, reader] of others.entries()) {
      const { data } = (await reader.get(`/alerts?user=${users[index]?.id}`)).body;
      expect(data).toMatchObject([{ kind: 'failed_sign_ins' }]);
    }

    await db.search('drop trigger reject on alerts', []);
    await rollcall.rollcall.watchForAlerts();
    expect((await brokenOwner.get('/alerts?kind=sensitive_action')).body.data).toHaveLength(1);
  });

  test('of a user and the networks of a user go with the erasure, and are in the personal export before', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 5; round += 1) await signIn(user.email, '198.51.100.20', 'wrong');
    expect(await alertsOf(`user=${user.id}`)).toHaveLength(1);
    const { db } = rollcall.rollcall;
    const exported = (table: 'alerts' | 'known_networks') =>
      readExportedTable(db, organization.org as OrgId, user.id as UserId, table);
    expect([(await exported('alerts')).length, (await exported('known_networks')).length]).toEqual([1, 1]);
    await owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
    expect([...(await exported('alerts')), ...(await exported('known_networks'))]).toEqual([]);
  });

  test('of another organization are not shown', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await stranger.get('/alerts')).body.data).toEqual([]);
    const [alert] = await alertsOf('severity=high');
    expect((await stranger.patch(`/alerts/${alert?.id}`, { state: 'resolved' })).status).toBe(404);
  });
});
