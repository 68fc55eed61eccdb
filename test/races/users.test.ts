import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ELEVATION_EXPIRY_JOB } from '../../src/access/elevations/jobs.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import { scheduleJob } from '../../src/platform/jobs/queue.ts';
import { hashToken } from '../../src/platform/opaque-token.ts';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Holder, hold } from '../support/locks.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

/** Commands of administrators about a user whom a directory, which takes no lock of the organization, changes just then. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const WHY = 'Needed for the incident of tonight.';
const sql = <Row extends object>(text: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(text, [organization.org, ...values]);
const holdSql = (text: string, ...values: unknown[]): Promise<Holder> =>
  hold(rollcall.databaseUrl, text, [organization.org, ...values]);

/** As a connection deletes a user, not committed yet. */
const deleting = ({ id }: TestUser) =>
  holdSql(
    `update users set deleted_at = now(), user_name_key = null, email_key = null, version = version + 1,
      deactivations = deactivations + 1 where org_id = $1 and id = $2`,
    id,
  );
/** As a connection changes an attribute. */
const changing = ({ id }: TestUser) =>
  holdSql('update users set version = version + 1 where org_id = $1 and id = $2', id);

/** Sends a request, and lets the change commit once the request waits for it. */
async function against<Answer>(held: Holder, send: () => PromiseLike<Answer>): Promise<Awaited<Answer>> {
  const answer = send().then((given) => given);
  await held.waitForWaiting(1);
  await held.release();
  return (await answer) as Awaited<Answer>;
}
const eventsOf = async (id: string, action: string): Promise<number> =>
  (await sql('select from events where org_id = $1 and target_id = $2 and action = $3', id, action)).length;

describe('a user whom a directory deletes at that moment', () => {
  test('gets no role, and none is recorded', async () => {
    const user = await joins(rollcall, owner);
    const { impactToken } = (await owner.get(`/users/${user.id}/role-impact?role=train`)).body;
    const answer = await against(await deleting(user), () =>
      owner.put(`/users/${user.id}/role`, { role: 'train', impactToken }),
    );
    expect(answer.status).toBe(404);
    expect(await eventsOf(user.id, 'user.role_changed')).toBe(0);
  });

  test('does not become an owner, and none is recorded', async () => {
    const user = await joins(rollcall, owner, { role: 'admin' });
    const answer = await against(await deleting(user), () =>
      owner.put(`/users/${user.id}/owner`, { password: OWNER_PASSWORD }),
    );
    expect(answer.status).toBe(404);
    expect(await eventsOf(user.id, 'user.owner_granted')).toBe(0);
  });

  test('gets no name, and none is recorded', async () => {
    const user = await joins(rollcall, owner);
    const answer = await against(await deleting(user), () =>
      owner.patch(`/users/${user.id}`, { name: 'Grace Hopper' }),
    );
    expect(answer.status).toBe(404);
    expect(await eventsOf(user.id, 'user.updated')).toBe(0);
  });

  test.each(['grant', 'approve'])('has no elevation after the restore: %s', async (how) => {
    const user = await joins(rollcall, owner);
    const body = { role: 'configure', justification: WHY };
    const requested = how === 'grant' ? undefined : (await user.post('/me/elevations', body)).body.id;
    const answer = await against(await deleting(user), () =>
      how === 'grant'
        ? owner.post(`/users/${user.id}/elevations`, body)
        : owner.post(`/elevations/${requested}/approve`),
    );
    expect(answer.status).toBe(404);
    await owner.post(`/users/${user.id}/restore`).expect(200);
    expect((await owner.get(`/users/${user.id}`)).body).toMatchObject({
      effectiveRole: 'readonly',
      elevation: null,
    });
  });
});

describe('a user whom a directory changes at that moment', () => {
  test('is deleted: that is no reason to say that they are not there', async () => {
    const user = await joins(rollcall, owner);
    const answer = await against(await changing(user), () =>
      owner.delete(`/users/${user.id}`, { mode: 'soft', password: OWNER_PASSWORD }),
    );
    expect(answer.status).toBe(204);
  });

  test('is not changed by a request whose If-Match names the version before', async () => {
    const user = await joins(rollcall, owner);
    const { etag } = (await owner.get(`/users/${user.id}`)).headers as { etag: string };
    const answer = await against(await changing(user), () =>
      owner.patch(`/users/${user.id}`, { name: 'Grace Hopper' }).set('If-Match', etag),
    );
    expect([answer.status, answer.body.code]).toEqual([412, 'version_mismatch']);
  });

  test('leaves nothing when erased, not even an address that came at that moment', async () => {
    const user = await joins(rollcall, owner);
    const address = `new-${user.email}`;
    const profile = JSON.stringify({ emails: [{ value: user.email, primary: true }, { value: address }] });
    const held = await holdSql(
      `with k as (insert into user_email_keys (org_id, email_key, user_id) values ($1, $3, $2))
        update users set profile = $4::jsonb, version = version + 1 where org_id = $1 and id = $2`,
      user.id,
      address,
      profile,
    );
    const answer = await against(held, () =>
      owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }),
    );
    expect(answer.status).toBe(204);
    const keys = 'select from user_email_keys where org_id = $1 and user_id = $2';
    expect(await sql(keys, user.id)).toEqual([]);
  });
});

test('the user of an invitation whom a directory takes over at that moment stays when it is revoked', async () => {
  const email = `taken-over-${Date.now()}@rollcall.example`;
  const { user, invitation } = (await owner.post('/invitations', { email }).expect(201)).body;
  const held = await holdSql(
    `with l as (insert into user_links (org_id, user_id, connection_id) values ($1, $2, $3))
      update users set version = version + 1 where org_id = $1 and id = $2`,
    user.id,
    organization.connection,
  );
  const answer = await against(held, () => owner.delete(`/invitations/${invitation.id}`));
  expect(answer.status).toBe(204);
  expect((await owner.get(`/users/${user.id}`)).body).toMatchObject({ status: 'pending', managedBy: 'scim' });
});

test('a review that decides about a user whom a directory deletes at that moment leaves the item undecided', async () => {
  const user = await joins(rollcall, owner, { role: 'train' });
  const { id: review } = (await owner.post('/reviews', {}).expect(202)).body;
  await rollcall.rollcall.tendReviews();
  const items = async () =>
    (await owner.get(`/reviews/${review}/items?limit=200`)).body.data as {
      id: string;
      subject: { id: string };
      decision: string | null;
    }[];
  const item = (await items()).find(({ subject }) => subject.id === user.id);
  const answer = await against(await deleting(user), () =>
    owner.put(`/reviews/${review}/items/${item?.id}`, { decision: 'change_role', role: 'readonly' }),
  );
  expect(answer.status).toBe(404);
  expect((await items()).find(({ id }) => id === item?.id)?.decision).toBeNull();
  expect(await eventsOf(user.id, 'user.role_changed')).toBe(0);
});

test('an elevation that is revoked, expires and loses its account at once ends once', async () => {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const patch = (id: string, value: boolean) =>
    organization.scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value }],
    });
  const { db } = rollcall.rollcall;
  for (let round = 0; round < 8; round += 1) {
    const userName = `ends-${round}-${Date.now()}@rollcall.example`;
    const { id } = (await organization.scim('POST', '/Users', { schemas, userName }).expect(201)).body as {
      id: string;
    };
    const given = await owner.post(`/users/${id}/elevations`, { role: 'configure', justification: WHY });
    await scheduleJob(db, ELEVATION_EXPIRY_JOB, 1, new Date());
    await db.search('update jobs set due_at = created_at where kind = $1', [ELEVATION_EXPIRY_JOB]);
    const [deactivated, revoked, demoted] = await Promise.all([
      patch(id, false),
      owner.post(`/elevations/${given.body.id}/revoke`, {}),
      owner.post('/users/bulk', { action: 'deactivate', userIds: [id] }),
      rollcall.rollcall.runDueJobsOnce(),
    ]);
    expect([deactivated.status, demoted.status]).toEqual([200, 200]);
    expect([200, 204, 409]).toContain(revoked.status);
    await db.search('update jobs set due_at = created_at where kind = $1', [ELEVATION_EXPIRY_JOB]);
    await rollcall.rollcall.runDueJobsOnce();
    await patch(id, true).expect(200);
    expect((await owner.get(`/users/${id}`)).body.effectiveRole).toBe('readonly');
    const events = await sql<{ action: string }>(
      'select action from events where org_id = $1 and target_id = $2 order by id',
      given.body.id,
    );
    expect(events.map(({ action }) => action)).toEqual(['elevation.granted', 'elevation.revoked']);
  }
});

describe('two connections', () => {
  test('that create the user whom an administrator made at once do not both take them over', async () => {
    const [connection, token] = [uuidv7(), `scim_${'x'.repeat(43)}`];
    await sql(
      'insert into connections (org_id, id, name, created_at) values ($1, $2, $3, now())',
      connection,
      'B',
    );
    await sql(
      'insert into scim_tokens (org_id, id, connection_id, hash, created_at) values ($1, $2, $3, $4, now())',
      uuidv7(),
      connection,
      hashToken(token),
    );
    for (let round = 0; round < 6; round += 1) {
      const user = await joins(rollcall, owner);
      const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: user.email };
      const answers = await Promise.all([
        organization.scim('POST', '/Users', body),
        organization.scim('POST', '/Users', body, { Authorization: `Bearer ${token}` }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      const links = 'select from user_links where org_id = $1 and user_id = $2';
      expect(await sql(links, user.id)).toHaveLength(1);
    }
  });
});
