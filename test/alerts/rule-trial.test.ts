import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf } from '../undo/directory.ts';

const DAY_MS = 86_400_000;
let clock = Date.now();
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ trustProxy: 1, now: () => new Date(clock) });
});
afterAll(() => rollcall.close());
beforeEach(async () => {
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});

const signIn = (email: string, ip: string, password = PASSWORD) =>
  request(rollcall.server)
    .post('/api/v1/auth/login')
    .set({
      'X-Forwarded-For': ip,
      'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    })
    .send({ email, password });

const tryRules = async (body: object) => {
  const answer = await owner.post('/alert-rules/test', body);
  expect(answer.status).toBe(200);
  return answer.body.data;
};
const openAlerts = async () => {
  await rollcall.rollcall.watchForAlerts();
  return (await owner.get('/alerts')).body.data;
};

describe('trying alert rules on what happened', () => {
  test('counts what a lower limit would have opened beside the stored one, and changes nothing', async () => {
    const users = await Promise.all(Array.from({ length: 3 }, () => joins(rollcall, owner)));
    for (const { email } of [...users, ...users]) await signIn(email, '203.0.113.200', 'wrong');
    clock += DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    const rules = { password_spraying: { failures: 6, users: 3 } };
    expect(await tryRules({ rules })).toEqual([
      {
        kind: 'password_spraying',
        from: new Date(clock - 7 * DAY_MS).toISOString(),
        alerts: 1,
        alertsAsStored: 0,
        examples: [
          {
            severity: 'high',
            at: expect.any(String),
            user: null,
            connection: null,
            why: '6 sign-ins of 3 users failed from the address 203.0.113.200 within 15 minutes.',
            comparedWith: 'a limit of 6 failures of 3 users',
          },
        ],
      },
    ]);
    expect(await tryRules({ rules: { password_spraying: { failures: 7, users: 3 } } })).toMatchObject([
      { alerts: 0, alertsAsStored: 0, examples: [] },
    ]);
    expect(await openAlerts()).toEqual([]);
    expect((await owner.get('/alert-rules')).body.password_spraying).toMatchObject({
      failures: 10,
      users: 5,
    });
    expect((await owner.get('/audit?action=alert_rule.updated')).body.data).toEqual([]);
  });

  test('what failed at other times than within one window is not added up', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => joins(rollcall, owner)));
    for (const [index, { email }] of users.entries()) {
      if (index === 3) clock += DAY_MS / 24;
      for (const _ of [1, 2]) await signIn(email, '203.0.113.7', 'wrong');
    }
    owner = await signInAsOwner(rollcall, organization);
    const found = (failures: number) =>
      tryRules({ rules: { password_spraying: { failures, users: 2 } } }).then(([rule]) => rule.alerts);
    expect([await found(6), await found(7)]).toEqual([1, 0]);
  });

  test('a network that a user is known from only later was new at its first sign-in', async () => {
    const jane = await joins(rollcall, owner, { name: 'Jane Doe' });
    for (let round = 0; round < 12; round += 1) await signIn(jane.email, '198.51.100.7').expect(200);
    await rollcall.rollcall.watchForAlerts();
    clock += 20 * DAY_MS;
    for (let round = 0; round < 3; round += 1) await signIn(jane.email, '192.0.2.44').expect(200);
    owner = await signInAsOwner(rollcall, organization);
    const [alert] = await openAlerts();
    expect(alert).toMatchObject({ kind: 'new_location', user: { id: jane.id } });

    const [asStored] = (await tryRules({})).filter(({ kind }: { kind: string }) => kind === 'new_location');
    expect(asStored).toMatchObject({
      alerts: 1,
      alertsAsStored: 1,
      examples: [{ user: { id: jane.id, name: 'Jane Doe', email: jane.email }, why: alert.why }],
    });
    const allowed = { new_location: { allowedNetworks: ['192.0.2.0/24'] } };
    expect(await tryRules({ rules: allowed })).toMatchObject([{ alerts: 0, alertsAsStored: 1 }]);
    expect(await tryRules({ rules: { new_location: { enabled: false } } })).toMatchObject([
      { alerts: 0, alertsAsStored: 1 },
    ]);

    await owner.patch(`/alerts/${alert.id}`, { state: 'false_positive' }).expect(200);
    expect(await tryRules({ rules: { new_location: {} } })).toMatchObject([{ alerts: 0, alertsAsStored: 0 }]);
  });

  test('working hours are tried on the sign-ins of the days that are asked for', async () => {
    const user = await joins(rollcall, owner);
    await signIn(user.email, '198.51.100.7').expect(200);
    clock += 10 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    const rules = { off_hours: { enabled: true, days: [] } };
    const about = async (days: number) => {
      const [{ examples }] = await tryRules({ rules, days });
      return examples.filter((each: { user: { id: string } }) => each.user.id === user.id);
    };
    expect(await about(7)).toEqual([]);
    expect(await about(14)).toHaveLength(1);
  });

  test('a mass change is judged by who was there at its time, and by the directory’s name', async () => {
    const okta = directoryOf(rollcall, organization);
    const people = await Promise.all(Array.from({ length: 20 }, (_, at) => okta.create(`p${at}`)));
    for (const id of people.slice(0, 3)) expect((await okta.deactivate(id)).status).toBe(200);
    clock += DAY_MS / 2;
    owner = await signInAsOwner(rollcall, organization);
    for (const id of people.slice(3, 6)) expect((await okta.deactivate(id)).status).toBe(200);
    const found = async (atLeast: number) => {
      const [rule] = await tryRules({ rules: { mass_change: { percent: 10, atLeast } } });
      return [rule.alerts, rule.alertsAsStored, rule.examples[0]?.connection?.id];
    };
    // Three at once, twice in two days; never six.
    expect((await found(6)).slice(0, 2)).toEqual([0, 0]);
    const [alerts, asStored, connection] = await found(3);
    expect([[1, 2].includes(alerts), asStored, connection]).toEqual([true, 0, organization.connection]);
  });

  test('every kind is answered without rules, those about the present without a beginning', async () => {
    const tried = await tryRules({ days: 30 });
    expect(tried).toHaveLength(11);
    const present = tried.filter(({ from }: { from: string | null }) => from === null);
    expect(present.map(({ kind }: { kind: string }) => kind)).toEqual([
      'query_volume',
      'expiring',
      'silent_connection',
      'failing_stream',
      'missing_domain_record',
    ]);
  });

  test('settings that are refused when they are stored are refused here, too, and other organizations are not looked at', async () => {
    const rejected = await owner.post('/alert-rules/test', {
      rules: { mass_change: { percent: 0 } },
      days: 31,
    });
    expect([rejected.status, rejected.body.errors.map(({ path }: { path: string }) => path)]).toEqual([
      422,
      ['rules.mass_change.percent', 'days'],
    ]);
    const user = await joins(rollcall, owner);
    await signIn(user.email, '198.51.100.7').expect(200);
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const rules = { off_hours: { enabled: true, days: [] } };
    const { data } = (await stranger.post('/alert-rules/test', { rules })).body;
    expect(data[0].examples.map((each: { user: { id: string } }) => each.user.id)).not.toContain(user.id);
  });
});
