import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf, type Undo } from '../undo/directory.ts';

/** What changes between the confirmation of an undo and its run, or in the moment of the run, stays as it is. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let okta: ReturnType<typeof directoryOf>;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  okta = directoryOf(rollcall, organization);
});
afterAll(() => rollcall.close());

/** Lets the clock go on, so that what was before is not within the span. */
const tick = () => delay(5);

/** Confirms the undo of what the directory does. */
async function confirmed(act: () => Promise<unknown>): Promise<Undo> {
  await tick();
  const from = new Date();
  await act();
  const preview = await okta.preview(owner, from, new Date());
  await okta.confirm(owner, preview).expect(202);
  return preview;
}
const outcome = async (undo: Undo) => {
  await okta.finish(owner, undo);
  return (await okta.items(owner, undo)).map(({ kind, result, code }) => [kind, result, code]);
};
const retitle = (id: string, title: string) =>
  okta.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: title }]).expect(200);
const titleOf = async (id: string) =>
  (await organization.scim('GET', `/Users/${id}`)).body as { title: string };

describe('R152: an attribute that is changed after an undo was confirmed stays', () => {
  test('by an administrator', async () => {
    const id = await okta.create('by-admin', { title: 'Engineer' });
    const undo = await confirmed(() => retitle(id, 'Nothing'));
    await owner.patch(`/users/${id}?force=true`, { profile: { title: 'Director' } }).expect(200);
    expect(await outcome(undo)).toEqual([['profile', 'skip', 'changed_since']]);
    expect((await titleOf(id)).title).toBe('Director');
  });

  test('by the directory', async () => {
    const id = await okta.create('by-directory', { title: 'Engineer' });
    const undo = await confirmed(() => retitle(id, 'Nothing'));
    await tick();
    await retitle(id, 'Director');
    expect(await outcome(undo)).toEqual([['profile', 'skip', 'changed_since']]);
    expect((await titleOf(id)).title).toBe('Director');
  });

  test('another attribute keeps none from going back', async () => {
    const id = await okta.create('another', { title: 'Engineer' });
    const undo = await confirmed(() => retitle(id, 'Nothing'));
    await owner.patch(`/users/${id}?force=true`, { profile: { nickName: 'Al' } }).expect(200);
    expect(await outcome(undo)).toEqual([['profile', 'undo', null]]);
    expect(await titleOf(id)).toMatchObject({ title: 'Engineer', nickName: 'Al' });
  });
});

/** Runs the undo until it waits for what is held, then lets it continue. */
async function runAgainst(undo: Undo, sql: string, values: readonly unknown[]) {
  const held = await hold(rollcall.databaseUrl, sql, [organization.org, ...values]);
  const result = outcome(undo);
  await held.waitForWaiting(1);
  await held.release();
  return result;
}

describe('R152: in the moment of the run', () => {
  test('a membership that the directory gives back is left and recorded once', async () => {
    const id = await okta.create('back-again');
    const group = await okta.group('Back again', [id]);
    const undo = await confirmed(() =>
      okta
        .patch(`/Groups/${group}`, [{ op: 'remove', path: `members[value eq "${id}"]` }])
        .then(({ status }) => expect(status).toBe(204)),
    );
    const insert = `insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
      values ($1, $2, $3, now(), 'member', array['scim'])`;
    expect(await runAgainst(undo, insert, [group, id])).toEqual([['membership', 'skip', 'changed_since']]);
    const events = await rollcall.rollcall.db.search(
      `select from events where org_id = $1 and member_id = $2 and action = 'group.member_added'`,
      [organization.org, id],
    );
    expect(events).toHaveLength(1);
  });

  test('a change of another attribute by the directory makes no item fail', async () => {
    const id = await okta.create('busy', { title: 'Engineer' });
    const undo = await confirmed(() => retitle(id, 'Nothing'));
    const update = 'update users set version = version + 1 where org_id = $1 and id = $2';
    expect(await runAgainst(undo, update, [id])).toEqual([['profile', 'undo', null]]);
  });

  test('a name that the directory gives a group stays when its description goes back', async () => {
    const group = await okta.group('Named', []);
    await owner.patch(`/groups/${group}`, { description: 'Before' }).expect(200);
    const answer = await owner.patch(`/groups/${group}`, { description: 'After' }).expect(200);
    const requestId = answer.headers['x-request-id'] as string;
    const preview = (await owner.post('/undos', { requestId }).expect(201)).body as Undo;
    await okta.confirm(owner, preview).expect(202);
    const rename = `update groups set display_name = 'Renamed', display_name_key = 'renamed', version = version + 1
      where org_id = $1 and id = $2`;
    expect(await runAgainst(preview, rename, [group])).toEqual([['group_description', 'undo', null]]);
    expect((await owner.get(`/groups/${group}`)).body).toMatchObject({
      name: 'Renamed',
      description: 'Before',
    });
  });
});
