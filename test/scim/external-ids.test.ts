import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import {
  type Json,
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const made = async (path: string, body: Json) =>
  ((await organization.scim('POST', path, body).expect(201)).body as { id: string }).id;
const found = async (path: string, filter: string) => {
  const { body } = await organization.scim('GET', `${path}?filter=${encodeURIComponent(filter)}`).expect(200);
  return (body as { Resources: { id: string }[] }).Resources.map(({ id }) => id);
};

describe('an externalId that two resources of a connection have', () => {
  test('is accepted of users, by POST and PUT, and a filter finds both', async () => {
    const externalId = randomUUID();
    const first = await made('/Users', { userName: randomUUID(), externalId });
    const second = await made('/Users', { userName: randomUUID(), externalId });
    const third = await made('/Users', { userName: randomUUID() });
    await organization.scim('PUT', `/Users/${third}`, { userName: randomUUID(), externalId }).expect(200);
    expect(await found('/Users', `externalId eq "${externalId}"`)).toEqual([first, second, third]);
  });

  test('is accepted of groups, and a filter finds both', async () => {
    const externalId = randomUUID();
    const ids = [];
    for (const displayName of [randomUUID(), randomUUID()]) {
      ids.push(await made('/Groups', { schemas: [GROUP], displayName, externalId }));
    }
    expect(await found('/Groups', `externalId eq "${externalId}"`)).toEqual(ids);
  });

  test('links neither of two users who sign in with it', async () => {
    const acme = await connectSaml(rollcall, organization, {
      domains: ['acme.example'],
      provisioning: { enabled: true },
    });
    const issued = await owner.post(`/scim/connections/${acme.connection}/tokens`, {
      password: OWNER_PASSWORD,
    });
    const { token } = issued.body as { token: string };
    const externalId = `worker-${randomUUID()}@acme.example`;
    for (const userName of [randomUUID(), randomUUID()]) {
      await request(rollcall.server)
        .post('/scim/v2/Users')
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
        .send({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, externalId })
        .expect(201);
    }
    await acme.signIn(createBrowser(), { nameId: externalId, attributes: [['email', [externalId]]] });
    const rows = await rollcall.rollcall.db.search<{ reason: string }>(
      'select reason from sso_traces where connection_id = $1',
      [acme.connection],
    );
    expect(rows).toEqual([{ reason: 'external_id_shared' }]);
    expect(await rollcall.rollcall.db.search('select from identities', [])).toHaveLength(0);
  });
});
