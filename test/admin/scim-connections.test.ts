import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, PASSWORD, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const HOUR = 3_600_000;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const proof = { password: OWNER_PASSWORD };
const add = async (name = 'Okta') => (await owner.post('/scim/connections', { name })).body.id as string;
const issue = async (connection: string, body: object = {}) =>
  (await owner.post(`/scim/connections/${connection}/tokens`, { ...proof, ...body })).body as {
    id: string;
    token: string;
  };
/** What SCIM answers a token. A second later, since one that was just verified is remembered for so long (ADR 0008). */
const speak = async (token: string, path = '/Users?count=1') => {
  shift += 1_001;
  return request(rollcall.server).get(`/scim/v2${path}`).set('Authorization', `Bearer ${token}`);
};
const works = async (token: string) => (await speak(token)).status;
const events = (target: string) =>
  rollcall.rollcall.db.search<{ action: string; actor: { id: string }; changes: unknown }>(
    `select action, jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via) as actor, changes from events where org_id = $1 and target_id = $2 order by id`,
    [organization.org, target],
  );

describe('SCIM connections', () => {
  test('are listed with what was there from the beginning; a new one has no token', async () => {
    const { status, body } = await owner.post('/scim/connections', { name: '  Entra ID ' });
    expect([status, body]).toMatchObject([
      201,
      { name: 'Entra ID', strict: false, signsOn: false, tokenCount: 0, lastUsedAt: null },
    ]);
    await organization.scim('GET', '/Users?count=1');
    const { data } = (await owner.get('/scim/connections')).body;
    expect(data[0]).toMatchObject({ id: organization.connection, name: 'Test', tokenCount: 1 });
    expect(data[0].lastUsedAt).toEqual(expect.any(String));
    expect((await owner.get(`/scim/connections/${body.id}`)).body).toEqual(body);
    expect(await events(body.id)).toMatchObject([
      {
        action: 'connection.created',
        actor: { id: owner.id },
        changes: { values: { name: [null, 'Entra ID'] } },
      },
    ]);
  });

  test('strict is a switch: the same illegal request is accepted, then rejected, then taken', async () => {
    const connection = await add();
    const { token } = await issue(connection);
    const illegal = async () => {
      shift += 1_001;
      const answer = await request(rollcall.server)
        .post('/scim/v2/Users')
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'text/plain' })
        .send(
          JSON.stringify({
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            userName: `sent-${Math.random()}@rollcall.example`,
          }),
        );
      return answer.status;
    };
    const set = (strict: boolean) => owner.patch(`/scim/connections/${connection}`, { strict });
    expect(await illegal()).toBe(201);
    expect((await set(true)).body.strict).toBe(true);
    expect(await illegal()).toBe(415);
    await set(false);
    await set(false);
    expect(await illegal()).toBe(201);
    expect((await events(connection)).map(({ action, changes }) => [action, changes]).slice(1)).toEqual([
      ['connection.updated', { values: { strict: [false, true] } }],
      ['connection.updated', { values: { strict: [true, false] } }],
    ]);
  });

  test('a name is required, and unknown fields are rejected', async () => {
    for (const body of [{}, { name: ' ' }, { name: 'x'.repeat(201) }, { name: 'x', token: 'mine' }]) {
      expect((await owner.post('/scim/connections', body)).status).toBe(422);
    }
  });
});

describe('tokens of a connection', () => {
  test('a token is shown once, works, and is kept as its hash and last four characters', async () => {
    const connection = await add();
    const issued = await owner.post(`/scim/connections/${connection}/tokens`, proof);
    expect([issued.status, issued.headers['cache-control']]).toEqual([201, 'no-store']);
    const { token, ...kept } = issued.body;
    expect(token).toMatch(/^rollcall_scim_[\w-]{43}$/);
    expect(kept).toMatchObject({
      last4: token.slice(-4),
      issuedBy: { type: 'user', id: owner.id, name: null, email: owner.email },
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await works(token)).toBe(200);
    const listed = await owner.get(`/scim/connections/${connection}/tokens`);
    expect(listed.body.data).toEqual([{ ...kept, lastUsedAt: expect.any(String) }]);
    expect(listed.text).not.toContain(token);
    const [row] = await rollcall.rollcall.db.search<{ whole: string }>(
      'select t::text as whole from scim_tokens t where org_id = $1 and id = $2',
      [organization.org, kept.id],
    );
    expect(row?.whole).not.toContain(token.slice(0, -4));
    const [event] = await events(kept.id);
    expect(event).toMatchObject({ action: 'scim.token_issued', actor: { id: owner.id } });
    expect(JSON.stringify(event)).not.toContain(token);
  });

  test('what it provisions is the connection’s', async () => {
    const connection = await add();
    const { token } = await issue(connection);
    const made = await request(rollcall.server)
      .post('/scim/v2/Users')
      .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' })
      .send(
        JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: 'by-token@rollcall.example',
        }),
      );
    expect(made.status).toBe(201);
    const found = await owner.get('/users?q=by-token');
    const [event] = await events(found.body.data[0].id);
    expect(event?.actor).toMatchObject({ type: 'connection', id: connection });
  });

  test('it ends at its time, and cannot begin with an end in the past', async () => {
    const connection = await add();
    const expiresAt = new Date(Date.now() + shift + HOUR).toISOString();
    const { token } = await issue(connection, { expiresAt });
    expect(await works(token)).toBe(200);
    shift += HOUR;
    expect(await works(token)).toBe(401);
    const late = await owner.post(`/scim/connections/${connection}/tokens`, { ...proof, expiresAt });
    expect([late.status, late.body.code]).toEqual([422, 'in_the_past']);
  });

  test('rotated, both work for the overlap, and then the new one alone', async () => {
    const connection = await add();
    const old = await issue(connection);
    const path = `/scim/connections/${connection}/tokens/${old.id}/rotate`;
    const { status, body } = await owner.post(path, { ...proof, overlapHours: 2 });
    expect(status).toBe(201);
    expect(Date.parse(body.previousUntil)).toBeLessThanOrEqual(Date.now() + shift + 2 * HOUR);
    expect([await works(old.token), await works(body.token)]).toEqual([200, 200]);
    shift += 2 * HOUR;
    expect([await works(old.token), await works(body.token)]).toEqual([401, 200]);
    expect((await owner.post(path, proof)).body.code).toBe('expired');
    expect(await events(old.id)).toMatchObject([
      { action: 'scim.token_issued' },
      {
        action: 'scim.token_rotated',
        actor: { id: owner.id },
        changes: { values: { token: [old.id, body.id], expiresAt: [null, body.previousUntil] } },
      },
    ]);
    expect(await events(body.id)).toMatchObject([{ action: 'scim.token_issued' }]);
  });

  test('an overlap of 0 hours ends the previous one immediately, and no overlap extends its expiry', async () => {
    const connection = await add();
    const first = await issue(connection);
    await owner.post(`/scim/connections/${connection}/tokens/${first.id}/rotate`, {
      ...proof,
      overlapHours: 0,
    });
    expect(await works(first.token)).toBe(401);
    const expiresAt = new Date(Date.now() + shift + HOUR).toISOString();
    const second = await issue(connection, { expiresAt });
    const path = `/scim/connections/${connection}/tokens/${second.id}/rotate`;
    expect((await owner.post(path, { ...proof, overlapHours: 48 })).body.previousUntil).toBe(expiresAt);
    for (const overlapHours of [-1, 1.5, 721, 'a day']) {
      expect((await owner.post(path, { overlapHours })).status).toBe(422);
    }
  });

  test('revoked, it ends within a second, once, and the others continue', async () => {
    const connection = await add();
    const [gone, stays] = [await issue(connection), await issue(connection)];
    expect(await works(gone.token)).toBe(200);
    const revoke = () => owner.delete(`/scim/connections/${connection}/tokens/${gone.id}`);
    expect((await revoke()).status).toBe(204);
    expect([await works(gone.token), await works(stays.token)]).toEqual([401, 200]);
    expect((await revoke()).status).toBe(404);
    const rotated = await owner.post(`/scim/connections/${connection}/tokens/${gone.id}/rotate`, proof);
    expect([rotated.status, rotated.body.code]).toEqual([409, 'expired']);
    expect((await events(gone.id)).map(({ action }) => action)).toEqual([
      'scim.token_issued',
      'scim.token_revoked',
    ]);
    expect((await owner.get(`/scim/connections/${connection}`)).body.tokenCount).toBe(1);
  });

  test('a token is issued and rotated after step-up only', async () => {
    const connection = await add();
    const path = `/scim/connections/${connection}/tokens`;
    const { id } = await issue(connection);
    for (const [to, body, code] of [
      [path, {}, 'step_up_required'],
      [path, { password: 'wrong' }, 'password_invalid'],
      [`${path}/${id}/rotate`, {}, 'step_up_required'],
    ] as const) {
      const refused = await owner.post(to, body);
      expect([refused.status, refused.body.code]).toEqual([403, code]);
    }
    const { stepUpToken } = (await owner.post('/auth/step-up', proof)).body;
    expect((await owner.post(path, {}).set('Rollcall-Step-Up', stepUpToken)).status).toBe(201);
  });

  test('a token of one connection is not found under another', async () => {
    const [ours, other] = [await add(), await add()];
    const { id, token } = await issue(ours);
    for (const answer of [
      await owner.delete(`/scim/connections/${other}/tokens/${id}`),
      await owner.post(`/scim/connections/${other}/tokens/${id}/rotate`, proof),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect(await works(token)).toBe(200);
  });

  test('at most ten are valid, also when they are requested concurrently', async () => {
    const connection = await add();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => owner.post(`/scim/connections/${connection}/tokens`, proof)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(201), 409, 409]);
  });

  test('guard rule 6: an API key makes no token, since a token may more; it may revoke one', async () => {
    const connection = await add();
    const { id } = await issue(connection);
    const { token } = (await owner.post('/me/api-keys', { name: 'x', scopes: ['scim:manage'] })).body;
    const key = withKey(rollcall.server, token);
    const path = `/scim/connections/${connection}/tokens`;
    expect((await key.get(path)).status).toBe(200);
    expect((await key.post(path, {})).status).toBe(403);
    expect((await key.post(`${path}/${id}/rotate`, {})).status).toBe(403);
    expect((await key.delete(`${path}/${id}`)).status).toBe(204);
  });

  test('a manager may not use it', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    expect((await manager.get('/scim/connections')).status).toBe(403);
    expect((await manager.post(`/scim/connections/${organization.connection}/tokens`, {})).status).toBe(403);
  });

  test('a token is made by a user who may assign what its directory may', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const connection = await add('Roles');
    await owner.patch(`/scim/connections/${connection}`, { roleSource: 'scim_roles' });
    const { id } = await issue(connection);
    const path = `/scim/connections/${connection}/tokens`;
    for (const target of [path, `${path}/${id}/rotate`]) {
      const refused = await admin.post(target, { password: PASSWORD });
      expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
    }
    // Owners are out of reach for a directory whose roles an administrator has chosen.
    await admin.patch(`/scim/connections/${connection}`, { roleSource: 'scim_roles' }).expect(200);
    await admin.post(path, { password: PASSWORD }).expect(201);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
    try {
      await admin.post(path, { password: PASSWORD }).expect(201);
      expect((await issue(connection)).token).toEqual(expect.any(String));
    } finally {
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
    }
  });
});
