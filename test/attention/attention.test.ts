import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

interface Item {
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
  readonly count: number | null;
  readonly act: string;
  readonly target: { readonly type: string; readonly id: string; readonly name: string } | null;
}

const DAY_MS = 86_400_000;
let clock = Date.now();
let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
});
afterAll(() => rollcall.close());

const begin = async (): Promise<[TestOrganization, TestUser]> => {
  const organization = await rollcall.organization({ now: () => new Date(clock) });
  return [organization, await signInAsOwner(rollcall, organization)];
};
const attentionOf = async (user: TestUser) => {
  const answer = await user.get('/attention');
  expect(answer.status).toBe(200);
  const body = answer.body as {
    items: Item[];
    workingNormally: { connections: { id: string }[] | null; seal: object | null; jobs: object | null };
  };
  // The owner of a test has a password alone, which the posture warns of.
  return { ...body, items: body.items.filter(({ kind }) => kind !== 'posture') };
};
const itemsOf = async (user: TestUser, kind: string) =>
  (await attentionOf(user)).items.filter((item) => item.kind === kind);
const person = (userName: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
});

describe('What needs attention', () => {
  test('is nothing in a new organization, whose connection works', async () => {
    const [organization, owner] = await begin();
    await organization.scim('GET', '/Users?count=1').expect(200);
    const { items, workingNormally } = await attentionOf(owner);
    expect(items).toEqual([]);
    expect(workingNormally).toMatchObject({
      connections: [{ id: organization.connection, name: 'Test', type: 'scim' }],
      jobs: { dead: 0 },
    });
  });

  test('has a connection some of whose requests fail, with the most frequent error, and no search for a user', async () => {
    const [organization, owner] = await begin();
    await organization.scim('GET', '/Users/01890000-0000-7000-8000-00000000dead').expect(404);
    await organization.scim('POST', '/Users', person('ann@rollcall.example')).expect(201);
    await rollcall.rollcall.writeProvisioningLog();
    expect(await itemsOf(owner, 'failing_connection')).toEqual([]);
    for (let round = 0; round < 2; round += 1) {
      await organization.scim('POST', '/Users', person('ann@rollcall.example')).expect(409);
    }
    await rollcall.rollcall.writeProvisioningLog();
    expect(await itemsOf(owner, 'failing_connection')).toEqual([]);
    await organization.scim('POST', '/Users', person('ann@rollcall.example')).expect(409);
    clock += 1_000;
    await organization.scim('POST', '/Users', {}).expect(400);
    await rollcall.rollcall.writeProvisioningLog();
    const { items, workingNormally } = await attentionOf(owner);
    expect(items).toMatchObject([
      {
        kind: 'failing_connection',
        severity: 'medium',
        count: 4,
        title: expect.stringMatching(/^Test: 4 requests failed since \d+ \w+ \d{4} at \d\d:\d\d UTC$/),
        detail: expect.stringMatching(
          /^3 of them: Another user of this organization has the same userName\./,
        ),
        target: { type: 'connection', id: organization.connection, name: 'Test' },
        act: 'open_request_log',
      },
    ]);
    expect(workingNormally.connections).toEqual([]);

    // Nothing gets through any more: now it is urgent.
    await organization.scim('POST', '/Users', {}).expect(400);
    await organization.scim('POST', '/Users', {}).expect(400);
    await rollcall.rollcall.writeProvisioningLog();
    expect(await itemsOf(owner, 'failing_connection')).toMatchObject([{ severity: 'high', count: 6 }]);
    clock += 1_000;
    await organization.scim('GET', '/Users?count=1').expect(200);
    await rollcall.rollcall.writeProvisioningLog();
    expect(await itemsOf(owner, 'failing_connection')).toMatchObject([{ severity: 'medium', count: 6 }]);
    clock += DAY_MS + 60_000;
    expect(await itemsOf(await signInAsOwner(rollcall, organization), 'failing_connection')).toEqual([]);
  });

  test('has a SCIM token that ends, until a newer one is there, and a connection that fell silent', async () => {
    const [organization, first] = await begin();
    clock += 1_000;
    const tokens = `/scim/connections/${organization.connection}/tokens`;
    const expiresAt = new Date(clock + 31 * DAY_MS).toISOString();
    await first.post(tokens, { password: OWNER_PASSWORD, expiresAt }).expect(201);
    expect((await attentionOf(first)).items).toEqual([]);
    await organization.scim('GET', '/Users?count=1').expect(200);

    clock += 5 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    const { items } = await attentionOf(owner);
    expect(items).toMatchObject([
      { kind: 'expiring_scim_token', severity: 'medium', act: 'rotate_token', dueAt: expiresAt },
      { kind: 'silent_connection', severity: 'medium', act: 'check_connection' },
    ]);
    expect(items[1]?.title).toMatch(/^Test has sent no request since /);
    await owner.post(tokens, { password: OWNER_PASSWORD }).expect(201);
    expect(await itemsOf(owner, 'expiring_scim_token')).toEqual([]);
  });

  test('has expired invitations, and active people who never signed in; a manager sees those of their groups', async () => {
    const [organization, first] = await begin();
    const { id: group } = (await first.post('/groups', { name: 'Sales' })).body;
    const manager = await joins(rollcall, first, { role: 'configure', groups: [group] });
    await first.patch(`/groups/${group}/members/${manager.id}`, { inGroupRole: 'manager' }).expect(204);
    await first.post('/invitations', { email: 'late@rollcall.example', groups: [group] }).expect(201);
    await first.post('/invitations', { email: 'later@rollcall.example' }).expect(201);
    await organization.scim('POST', '/Users', person('new@rollcall.example')).expect(201);
    expect((await attentionOf(first)).items).toEqual([]);

    clock += 20 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    expect(await itemsOf(owner, 'expired_invitations')).toMatchObject([
      {
        count: 2,
        title: '2 invitations expired unused',
        detail: expect.stringMatching(/^To later?@rollcall\.example and later?@rollcall\.example\. /),
        act: 'resend_invitations',
      },
    ]);
    expect(await itemsOf(owner, 'never_signed_in')).toMatchObject([
      {
        count: 1,
        title: '1 active person has never signed in',
        detail: expect.stringMatching(/\. Their account is older than 14 days\.$/),
        act: 'review_never_signed_in',
      },
    ]);
    expect(await itemsOf(owner, 'inactive_users')).toEqual([]);
    const { items, workingNormally } = await attentionOf(
      await signIn(rollcall.server, manager.email, PASSWORD),
    );
    expect(items).toMatchObject([
      { kind: 'expired_invitations', count: 1, title: '1 invitation expired unused' },
    ]);
    expect(workingNormally).toEqual({ connections: null, seal: null, jobs: null });
  });

  test('has people who were not active for 90 days', async () => {
    const [organization, first] = await begin();
    await joins(rollcall, first, { name: 'Lukas Weber' });
    clock += 91 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    expect(await itemsOf(owner, 'inactive_users')).toMatchObject([
      { count: 1, detail: expect.stringMatching(/^Lukas Weber\. /), act: 'review_inactive' },
    ]);
  });

  test('has dead jobs and webhooks whose receiver is gone, but none that an administrator disabled', async () => {
    const [organization, owner] = await begin();
    await owner.post('/invitations', { email: 'mail@rollcall.example' }).expect(201);
    const { db } = rollcall.rollcall;
    await db.search(`update jobs set dead_at = now(), last_error = 'No such host.' where org_id = $1`, [
      organization.org,
    ]);
    const add = async () =>
      (await owner.post('/webhooks', { url: 'https://hooks.example.com/in', events: ['*'] })).body.webhook.id;
    const [gone, off] = [await add(), await add()];
    await owner.patch(`/webhooks/${off}`, { enabled: false }).expect(200);
    await db.search(
      `update webhooks set disabled_at = now(), disabled_reason = 'The receiver answered 410 Gone.' where id = $1`,
      [gone],
    );
    const { items, workingNormally } = await attentionOf(owner);
    expect(items).toHaveLength(2);
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'dead_jobs', count: 1, act: 'retry_jobs' }),
        expect.objectContaining({ kind: 'disabled_webhook', act: 'enable_webhook' }),
      ]),
    );
    expect(items.find(({ kind }) => kind === 'dead_jobs')?.detail).toContain('No such host.');
    expect(items.find(({ kind }) => kind === 'disabled_webhook')?.target?.id).toBe(gone);
    expect(workingNormally.jobs).toMatchObject({ dead: 1 });
  });

  test('has the most urgent alerts, the others in one item, and the decisions that a review waits for', async () => {
    const [organization, owner] = await begin();
    await joins(rollcall, owner);
    await owner.post('/reviews', { title: 'Access review Q4' }).expect(202);
    await rollcall.rollcall.tendReviews();
    await rollcall.rollcall.db.search(
      `insert into alerts (org_id, id, kind, severity, state, dedupe_key, opened_at, last_at, occurrences, detail)
        select $1, gen_random_uuid(), 'password_spraying', case when n = 3 then 'high' else 'low' end, 'open', n::text,
          now(), now(), 1, jsonb_build_object('why', 'Alert ' || n || '.', 'comparedWith', 'a limit')
        from generate_series(1, 8) n`,
      [organization.org],
    );
    const { items } = await attentionOf(owner);
    expect(items[0]).toMatchObject({
      kind: 'alert',
      severity: 'high',
      title: 'Alert 3.',
      act: 'review_alert',
    });
    expect(items.filter(({ kind }) => kind === 'alert')).toHaveLength(5);
    expect(items.filter(({ kind }) => kind === 'more_alerts')).toMatchObject([
      { title: '3 other alerts are open', count: 3, act: 'review_alerts' },
    ]);
    const [review] = items.filter(({ kind }) => kind === 'review');
    expect(review).toMatchObject({ severity: 'medium', act: 'continue_review' });
    expect(review?.title).toMatch(/^Access review Q4: \d+ of your \d+ decisions left$/);
  });

  test('is for a key only what its scopes let it see, and for a reader nothing of others', async () => {
    const [organization, first] = await begin();
    await organization.scim('POST', '/Users', person('never@rollcall.example')).expect(201);
    const made = await first.post('/me/api-keys', { name: 'Reader', scopes: ['users:read'] }).expect(201);
    await first
      .post('/me/api-keys', {
        name: 'Soon gone',
        scopes: ['users:read'],
        expiresAt: new Date(clock + 20 * DAY_MS).toISOString(),
      })
      .expect(201);
    clock += 18 * DAY_MS;
    const key = await attentionOf(withKey(rollcall.server, made.body.token));
    expect(key.items.map(({ kind }) => kind)).toEqual(['never_signed_in']);
    expect(key.workingNormally).toEqual({ connections: null, seal: null, jobs: null });
    const owner = await signInAsOwner(rollcall, organization);
    expect(await itemsOf(owner, 'expiring_api_key')).toMatchObject([
      { severity: 'high', title: expect.stringMatching(/^The API key Soon gone expires on /) },
    ]);
    const reader = await joins(rollcall, owner);
    expect((await attentionOf(reader)).items).toEqual([]);
  });

  test('is of one organization: another sees nothing of it', async () => {
    const [, stranger] = await begin();
    expect((await attentionOf(stranger)).items).toEqual([]);
  });
});
