import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pino from 'pino';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let rollcall: TestRollcall;
let organization: TestOrganization;
let strict: TestOrganization;
const lines: string[] = [];

beforeAll(async () => {
  rollcall = await startRollcall({ log: pino({ level: 'info' }, { write: (line) => lines.push(line) }) });
  organization = await rollcall.organization();
  strict = await rollcall.organization({ strict: true });
});

afterAll(() => rollcall.close());

const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH], Operations });

/** The line of the access log; it is written a moment after the client has the answer. */
async function logLine(requestId: string | undefined): Promise<Json> {
  for (;;) {
    const line = lines.find((each) => requestId !== undefined && each.includes(requestId));
    if (line !== undefined) return JSON.parse(line) as Json;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let made = 0;
const createUser = async (of: TestOrganization): Promise<string> => {
  made += 1;
  const body = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: `ann-${made}`,
    active: true,
  };
  return ((await of.scim('POST', '/Users', body).expect(201)).body as Json)['id'] as string;
};

test.each([
  [{ op: 'replace', path: 'companyName', value: 'Ory' }, 'companyName'],
  [{ op: 'remove', path: 'companyName' }, 'companyName'],
  [{ op: 'add', path: 'name.nickName', value: 'Annie' }, 'name.nickName'],
  [{ op: 'add', path: 'emails[type eq "work"].verified', value: true }, 'emails.verified'],
  [{ op: 'add', path: `${ENTERPRISE}:badge`, value: '7' }, `${ENTERPRISE}:badge`],
  [{ op: 'add', path: 'urn:example:2.0:User:badge', value: '7' }, 'urn:example:2.0:User:badge'],
  [{ op: 'add', value: { companyName: 'Ory' } }, 'companyName'],
  [{ op: 'add', value: { [ENTERPRISE]: { badge: '7' } } }, 'badge'],
  [{ op: 'add', path: ENTERPRISE, value: { badge: '7' } }, 'badge'],
  [{ op: 'add', path: 'constructor.prototype', value: 'x' }, 'constructor.prototype'],
])('the operation %j is left out, named, and does not keep a user active', async (operation, name) => {
  const user = await createUser(organization);
  const deactivation = { op: 'replace', path: 'active', value: 'False' };
  const { body, headers } = await organization
    .scim('PATCH', `/Users/${user}`, patchOf(deactivation, operation))
    .expect(200);
  expect([(body as Json)['active'], headers['rollcall-ignored']]).toEqual([false, name]);
  expect(await logLine(headers['x-request-id'])).toMatchObject({ status: 200, ignored: [name] });
});

test('a request of which everything is known has neither the header nor the member of the log line', async () => {
  const { headers } = await organization.scim('GET', '/Users').expect(200);
  expect(headers['rollcall-ignored']).toBeUndefined();
  expect(await logLine(headers['x-request-id'])).not.toHaveProperty('ignored');
});

test('a PUT that deactivates does so in spite of an extension that is not configured', async () => {
  const user = await createUser(organization);
  const { body, headers } = await organization
    .scim('PUT', `/Users/${user}`, {
      userName: `ann-${made}`,
      active: false,
      'urn:example:2.0:User': { badge: '7' },
    })
    .expect(200);
  expect(body).toMatchObject({ active: false });
  expect(headers['rollcall-ignored']).toBe('urn:example:2.0:User');
});

test('a group PATCH that only sets unknown attributes changes nothing and reports it', async () => {
  const group = (await organization.scim('POST', '/Groups', { displayName: 'Ory' }).expect(201)).body as Json;
  const answer = await organization
    .scim('PATCH', `/Groups/${group['id']}`, patchOf({ op: 'replace', path: 'mailNickname', value: 'ory' }))
    .expect(204);
  expect(answer.headers['rollcall-ignored']).toBe('mailNickname');
  const after = (await organization.scim('GET', `/Groups/${group['id']}`).expect(200)).body as Json;
  expect(after['meta']).toEqual(group['meta']);
});

test('what is no path is rejected, and strict mode rejects what no schema has', async () => {
  const user = await createUser(organization);
  for (const path of ['company name', 'companyName[', '.companyName']) {
    const { body } = await organization
      .scim('PATCH', `/Users/${user}`, patchOf({ op: 'replace', path, value: 'Ory' }))
      .expect(400);
    expect(body).toMatchObject({ scimType: 'invalidPath' });
  }
  const strictUser = await createUser(strict);
  await strict
    .scim(
      'PATCH',
      `/Users/${strictUser}`,
      patchOf(
        { op: 'replace', path: 'active', value: false },
        { op: 'replace', path: 'companyName', value: 'Ory' },
      ),
    )
    .expect(400);
  expect((await strict.scim('GET', `/Users/${strictUser}`)).body).toMatchObject({ active: true });
});
