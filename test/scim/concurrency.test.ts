import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

const user = async (name: string): Promise<string> => {
  const { body } = await organization.scim('POST', '/Users', { userName: name }).expect(201);
  return (body as { id: string }).id;
};

describe('many concurrent requests', () => {
  test('48 parallel additions to one group end with 48 members, 48 events and 48 new versions', async () => {
    const ids = await Promise.all(Array.from({ length: 48 }, (_, n) => user(`parallel-${n}@example.com`)));
    const group = (await organization.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Parallel' }))
      .body as Json;
    const answers = await Promise.all(
      ids.map((value) =>
        organization.scim('PATCH', `/Groups/${group['id']}`, {
          schemas: [PATCH],
          Operations: [{ op: 'add', path: 'members', value: [{ value }] }],
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const after = (await organization.scim('GET', `/Groups/${group['id']}`)).body as {
      members: { value: string }[];
      meta: { version: string };
    };
    expect(new Set(after.members.map(({ value }) => value))).toEqual(new Set(ids));
    expect(after.meta.version).toBe('W/"49"');
    const events = await rollcall.rollcall.db.search<{ n: number }>(
      `select count(*) as n from events where action = 'group.member_added' and target_id = $1`,
      [group['id']],
    );
    expect(events[0]?.n).toBe(48);
  });

  test('10 clients that change one user, one group or its name concurrently all succeed, and a DELETE does', async () => {
    const id = await user('contended@example.com');
    const { body: group } = await organization.scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Contended',
    });
    const change = (path: string, attribute: string, value: string) =>
      organization.scim('PATCH', path, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', path: attribute, value }],
      });
    const at = `/Groups/${(group as Json)['id']}`;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => [
        change(`/Users/${id}`, 'title', `Title ${n}`),
        change(at, 'displayName', `Contended ${n}`),
      ]).flat(),
    );
    expect(answers.filter(({ status }) => status >= 300).map(({ body }) => body)).toEqual([]);
    const [deleted] = await Promise.all([
      organization.scim('DELETE', `/Users/${id}`),
      ...Array.from({ length: 5 }, (_, n) => change(`/Users/${id}`, 'title', `Late ${n}`)),
    ]);
    expect(deleted?.status).toBe(204);
  });

  test('64 clients that change one user and one group concurrently all succeed, and no change is lost', async () => {
    const id = await user('crowded@example.com');
    const members = await Promise.all(Array.from({ length: 64 }, (_, n) => user(`crowd-${n}@example.com`)));
    const { body: group } = await organization.scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Crowd',
    });
    const at = `/Groups/${(group as Json)['id']}`;
    const patch = (path: string, ...Operations: Json[]) =>
      organization.scim('PATCH', path, { schemas: [PATCH], Operations });
    const answers = await Promise.all(
      members.flatMap((value, n) => [
        patch(`/Users/${id}`, { op: 'add', path: 'ims', value: [{ value: `name-${n}`, type: 'xmpp' }] }),
        patch(
          at,
          { op: 'replace', path: 'displayName', value: `Crowd ${n}` },
          { op: 'add', path: 'members', value: [{ value }] },
        ),
      ]),
    );
    expect(answers.filter(({ status }) => status >= 300).map(({ body }) => body)).toEqual([]);
    const after = (await organization.scim('GET', `/Users/${id}`)).body as { ims: unknown[]; meta: Json };
    expect(after.ims).toHaveLength(64);
    expect(after.meta['version']).toBe('W/"65"');
    const { members: left } = (await organization.scim('GET', at)).body as { members: unknown[] };
    expect(left).toHaveLength(64);
  }, 60_000);

  test.each([
    [
      'PATCH',
      (members: object[]) => ({
        schemas: [PATCH],
        Operations: [{ op: 'replace', path: 'members', value: members }],
      }),
    ],
    ['PUT', (members: object[]) => ({ schemas: [GROUP], displayName: 'Replaced', members })],
  ])(
    'lists that replace each other by %s end as one of them, never as two together',
    async (method, body) => {
      const names = Array.from({ length: 6 }, (_, list) =>
        Array.from({ length: 30 }, (_, n) => `${method}-${list}-${n}`),
      );
      const lists = await Promise.all(names.map((list) => Promise.all(list.map(user))));
      const group = (
        await organization.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Replaced' })
      ).body as Json;
      const ends: (string | undefined)[] = [];
      for (let round = 0; round < 5; round += 1) {
        await Promise.all(
          lists.map((ids) =>
            organization.scim(method, `/Groups/${group['id']}`, body(ids.map((value) => ({ value })))),
          ),
        );
        const { members } = (await organization.scim('GET', `/Groups/${group['id']}`)).body as {
          members: { value: string }[];
        };
        const left = members
          .map(({ value }) => value)
          .sort()
          .join();
        ends.push(lists.map((ids) => [...ids].sort().join()).find((list) => list === left));
      }
      expect(ends).not.toContain(undefined);
      await organization.scim('DELETE', `/Groups/${group['id']}`).expect(204);
    },
    60_000,
  );
});
