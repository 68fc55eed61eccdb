import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

interface Found {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly sentence: string;
  readonly actor: { readonly id: string; readonly name: string | null };
  readonly requestId: string;
}

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let jane: TestUser;
let group: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  jane = await joins(rollcall, owner, { email: 'jane.doe@rollcall.example', name: 'Jane Doe' });
  group = (await owner.post('/groups', { name: 'Support Team' })).body.id;
  await owner.post(`/groups/${group}/members`, { userIds: [jane.id] });
  await owner.post(`/users/${jane.id}/deactivate`, { reason: 'On leave until May' });
});
afterAll(() => rollcall.close());

const search = async (query: string): Promise<readonly Found[]> => {
  const answer = await owner.get(`/audit?${query}`);
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  return answer.body.data;
};
const actionsOf = (found: readonly Found[]) => found.map(({ action }) => action);

describe('a search of the audit trail', () => {
  test('lists events newest first, with names and in words', async () => {
    const [newest] = await search('limit=1');
    expect(newest).toMatchObject({
      action: 'user.deactivated',
      outcome: 'success',
      sentence: expect.stringMatching(/^.+ deactivated Jane Doe, because “On leave until May”\.$/),
      actor: { type: 'user', id: owner.id },
      target: { type: 'user', id: jane.id, name: 'Jane Doe', email: jane.email },
      via: 'api',
    });
  });

  test('takes every name that GET /audit/actions lists', async () => {
    const { data } = (await owner.get('/audit/actions').expect(200)).body;
    expect(data).toContainEqual({
      action: 'auth.failed',
      meaning: expect.stringMatching(/\.$/),
      outcome: 'failure',
    });
    const names = (data as { action: string }[]).map(({ action }) => `action=${action}`);
    const found = await Promise.all([
      search(names.slice(0, 90).join('&')),
      search(names.slice(90).join('&')),
    ]);
    expect(actionsOf(found.flat())).toEqual(expect.arrayContaining(['user.deactivated', 'group.created']));
  });

  test('finds by actor, target, party, action, noun, time and outcome, all of which hold together', async () => {
    expect(actionsOf(await search(`target=${group}`))).toEqual(['group.member_added', 'group.created']);
    expect(actionsOf(await search(`about=${jane.id}&action=group.*`))).toEqual(['group.member_added']);
    expect(await search(`actor=${jane.id}&action=group.*`)).toEqual([]);
    expect(actionsOf(await search(`actor=${owner.id}&target=${jane.id}&action=user.deactivated`))).toEqual([
      'user.deactivated',
    ]);
    const [added] = await search(`action=group.member_added`);
    expect(actionsOf(await search(`from=${added?.at}&action=group.*`))).toEqual(['group.member_added']);
    expect(actionsOf(await search(`to=${added?.at}&action=group.*`))).toEqual(['group.created']);
    expect(await search('outcome=failure')).toEqual([]);
  });

  test('finds the events of one request, and nothing for the id of another', async () => {
    const [added] = await search('action=group.member_added');
    expect(actionsOf(await search(`requestId=${added?.requestId}`))).toContain('group.member_added');
    expect(await search('requestId=01890000-0000-7000-8000-000000000000')).toEqual([]);
  });

  test('finds by a part of the name of a party, also of a group, and says when that is too little', async () => {
    expect(actionsOf(await search('q=jane+do&action=user.deactivated'))).toEqual(['user.deactivated']);
    expect(actionsOf(await search('q=SUPPORT'))).toEqual(['group.member_added', 'group.created']);
    expect(await search('q=nobody+here')).toEqual([]);
    const short = await owner.get('/audit?q=ja');
    expect([short.status, short.body.code]).toEqual([422, 'text_too_short']);
  });

  test('pages through all events without losing or repeating one', async () => {
    const all = await search('limit=200');
    const paged: Found[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`/audit?limit=3${cursor}`);
      paged.push(...body.data);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  test('shows one event by its id, and none of another organization', async () => {
    const [newest] = await search('limit=1');
    expect((await owner.get(`/audit/${newest?.id}`)).body).toEqual(newest);
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await stranger.get(`/audit/${newest?.id}`)).status).toBe(404);
    expect((await stranger.get(`/audit?about=${jane.id}`)).body.data).toEqual([]);
  });

  test('is for those who may read the audit trail', async () => {
    const reader = await joins(rollcall, owner, { role: 'configure' });
    expect((await reader.get('/audit')).status).toBe(403);
  });

  test('rejects an action that is none', async () => {
    const { status, body } = await owner.get('/audit?action=user.promoted');
    expect([status, body.errors?.[0]?.path]).toEqual([422, 'action.0']);
  });
});

test('the name of an erased user is gone from every event, and the events stay', async () => {
  const { id } = await joins(rollcall, owner, { email: 'gone@rollcall.example', name: 'Gone Soon' });
  await owner.delete(`/users/${id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
  const events = await search(`about=${id}`);
  expect(actionsOf(events)).toContain('user.erased');
  expect(JSON.stringify(events)).not.toMatch(/Gone Soon|gone@/);
});
