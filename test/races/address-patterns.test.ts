import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { feedIsCurrent } from '../../src/audit/feed.ts';
import { createCommandRunner } from '../../src/directory/command-runner.ts';
import { matchesAddressPattern } from '../../src/directory/groups/rules/address-pattern.ts';
import { createGroupSettling } from '../../src/directory/groups/settling.ts';
import type { GroupId, OrgId } from '../../src/directory/ids.ts';
import { scheduleJob } from '../../src/platform/jobs/queue.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Holder, hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** Patterns that are settled while a directory, which takes no lock of the organization, changes users and groups. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

let number = 0;
const domain = () => `r${++number}.example`;
const sql = <Row extends object>(text: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(text, [organization.org, ...values]);
/** Holds a change, once the feed has what was recorded before: transactions of other tests' databases keep it back, too. */
const holdSql = async (text: string, ...values: unknown[]): Promise<Holder> => {
  await feedIsCurrent(rollcall.rollcall.db);
  return hold(rollcall.databaseUrl, text, [organization.org, ...values]);
};
const settle = () => rollcall.rollcall.followAddresses();
/** As the schedule does, which does not wait for what is not committed. */
const follow = async () => {
  await scheduleJob(rollcall.rollcall.db, 'follow_addresses', 1, new Date(Date.now() - 60_000));
  await rollcall.rollcall.runDueJobsOnce();
};
const create = async (autoAssignPattern: string | null): Promise<string> =>
  (await owner.post('/groups', { name: `Raced ${++number}`, autoAssignPattern }).expect(201)).body.id;
const user = async (email: string): Promise<string> =>
  (
    (
      await organization.scim('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: email,
        emails: [{ value: email, primary: true }],
      })
    ).body as { id: string }
  ).id;
const patch = (path: string, operation: object) =>
  organization.scim('PATCH', path, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [operation],
  });
const sourcesOf = async (group: string, member: string): Promise<readonly string[] | undefined> =>
  (
    await sql<{ sources: string[] }>(
      'select sources from group_members where org_id = $1 and group_id = $2 and user_id = $3',
      group,
      member,
    )
  )[0]?.sources;

/** Settles, and lets the change commit once that waits for it; then what other transactions kept from the feed. */
async function settleAgainst(held: Holder): Promise<void> {
  const settled = follow();
  await held.waitForWaiting(1);
  await held.release();
  await settled;
  await settle();
}

async function expectExact(): Promise<void> {
  const users = await sql<{ id: string; email: string }>(
    'select id, email_key as email from users where org_id = $1 and email_key is not null',
  );
  const groups = await sql<{ id: string; pattern: string | null }>(
    'select id, auto_assign_pattern as pattern from groups where org_id = $1 and auto_assign_pattern is not null',
  );
  const given = await sql<{ place: string }>(
    `select m.group_id || ' ' || m.user_id as place from group_members m
      join users u on u.org_id = m.org_id and u.id = m.user_id
      where m.org_id = $1 and 'pattern' = any (m.sources) and u.deleted_at is null`,
  );
  const wanted = groups.flatMap(({ id: group, pattern }) =>
    users
      .filter(({ email }) => matchesAddressPattern(pattern ?? '', email))
      .map(({ id }) => `${group} ${id}`),
  );
  expect(given.map(({ place }) => place).sort()).toEqual(wanted.sort());
}

describe('R99: a user who would join by their address', () => {
  test('does not, if a directory gives them another address at that moment', async () => {
    const at = domain();
    const group = await create(`*@${at}`);
    await settle();
    const jane = await user(`jane@${at}`);
    await settleAgainst(
      await holdSql(`update users set email_key = 'jane@away.example' where org_id = $1 and id = $2`, jane),
    );
    expect(await sourcesOf(group, jane)).toBeUndefined();
    await sql(`update users set email_key = $3 where org_id = $1 and id = $2`, jane, `jane@${at}`);
    await patch(`/Users/${jane}`, { op: 'replace', value: { displayName: 'Jane' } }).expect(200);
    await settle();
    expect(await sourcesOf(group, jane)).toEqual(['pattern']);
  });

  test('does not, if a directory erases them at that moment, and the others do', async () => {
    const at = domain();
    const group = await create(`*@${at}`);
    await settle();
    const [gone, there] = [await user(`gone@${at}`), await user(`there@${at}`)];
    await settleAgainst(await holdSql('delete from users where org_id = $1 and id = $2', gone));
    expect(await sourcesOf(group, gone)).toBeUndefined();
    expect(await sourcesOf(group, there)).toEqual(['pattern']);
  });

  test('joins the other groups, if a directory deletes one at that moment', async () => {
    const at = domain();
    const [gone, there] = [await create(`*@${at}`), await create(`jane*@${at}`)];
    await settle();
    const jane = await user(`jane@${at}`);
    await settleAgainst(await holdSql('delete from groups where org_id = $1 and id = $2', gone));
    expect(await sourcesOf(there, jane)).toEqual(['pattern']);
    expect((await owner.get(`/groups/${gone}`)).status).toBe(404);
  });

  test('is a member by both, if a directory puts them into the group at that moment', async () => {
    const at = domain();
    const group = await create(`*@${at}`);
    await settle();
    const jane = await user(`jane@${at}`);
    await settleAgainst(
      await holdSql(
        'insert into group_members (org_id, group_id, user_id, added_at) values ($1, $2, $3, now())',
        group,
        jane,
      ),
    );
    expect(await sourcesOf(group, jane)).toEqual(['scim', 'pattern']);
  });
});

describe('R99: a user whom a pattern no longer adds', () => {
  test('leaves, if a directory takes its own share at that moment: no row is left that no source grants', async () => {
    const at = domain();
    const group = await create(`*@${at}`);
    const jane = await user(`jane@${at}`);
    await settle();
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: jane }] }).expect(204);
    expect(await sourcesOf(group, jane)).toEqual(['pattern', 'scim']);
    const emails = [{ value: `jane@away-${at}`, primary: true }];
    await patch(`/Users/${jane}`, { op: 'replace', value: { emails } }).expect(200);
    await settleAgainst(
      await holdSql(
        `update group_members set sources = array_remove(sources, 'scim')
          where org_id = $1 and group_id = $2 and user_id = $3`,
        group,
        jane,
      ),
    );
    expect(await sourcesOf(group, jane)).toBeUndefined();
  });
});

describe('R99: a pattern that is changed while its group is settled', () => {
  const step = (group: string) =>
    createGroupSettling({
      db: rollcall.rollcall.db,
      now: () => new Date(),
      runner: createCommandRunner({ db: rollcall.rollcall.db, now: () => new Date() }),
    }).step(organization.org as OrgId, group as GroupId);
  const people = (at: string, count: number) =>
    sql(
      `insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
        select $1::uuid, gen_random_uuid(), name, name, name, name, 'active', 'readonly', 'scim', now(), now(), '{}'
        from generate_series(1, $3::int) n cross join lateral (select 'p' || n || '@' || $2::text as name) named`,
      at,
      count,
    );

  test('holds for everyone in the end: those whom the one before has added leave', async () => {
    const [from, to] = [domain(), domain()];
    await people(from, 2_500);
    await people(to, 1_500);
    const group = await create(`*@${from}`);
    expect(await step(group)).toBe(40);
    expect(await step(group)).toBe(80);
    await owner.patch(`/groups/${group}`, { autoAssignPattern: `*@${to}` }).expect(200);
    const seen: (number | undefined)[] = [];
    for (;;) {
      const percent = await step(group);
      seen.push(percent);
      if (percent === undefined) break;
    }
    expect(seen.length).toBeGreaterThan(4);
    await expectExact();
    expect((await owner.get(`/groups/${group}`)).body.memberCount).toBe(1_500);
    await owner.patch(`/groups/${group}`, { autoAssignPattern: null }).expect(200);
    await settle();
    expect((await owner.get(`/groups/${group}`)).body.memberCount).toBe(0);
    expect(await step(group)).toBeUndefined();
  });
});

test('R99: members follow exactly, while directories change addresses and groups and administrators change patterns', async () => {
  const domains = [domain(), domain(), domain()];
  const at = () => domains[Math.floor(Math.random() * domains.length)] as string;
  const groups = await Promise.all(domains.map((each) => create(`*@${each}`)));
  const users = await Promise.all(Array.from({ length: 24 }, (_, n) => user(`u${n}-${number}@${at()}`)));
  const pick = <Value>(values: readonly Value[]) =>
    values[Math.floor(Math.random() * values.length)] as Value;
  const statuses = new Set<number>();
  const sent = async (request: PromiseLike<{ status: number }>) => void statuses.add((await request).status);
  const directory = async () => {
    for (let left = 40; left > 0; left -= 1) {
      const [jane, group] = [pick(users), pick(groups)];
      const emails = [{ value: `${jane}@${at()}`, primary: true }];
      if (left % 3 === 0) await sent(patch(`/Users/${jane}`, { op: 'replace', value: { emails } }));
      else if (left % 3 === 1) {
        await sent(patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: jane }] }));
      } else await sent(patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${jane}"]` }));
    }
  };
  const administrator = async () => {
    for (let left = 15; left > 0; left -= 1) {
      await sent(
        owner.patch(`/groups/${pick(groups)}`, { autoAssignPattern: left % 4 === 0 ? null : `*@${at()}` }),
      );
    }
  };
  const worker = async () => {
    for (let left = 25; left > 0; left -= 1) await follow();
  };
  await Promise.all([directory(), directory(), administrator(), worker()]);
  await settle();
  await expectExact();
  expect([...statuses].filter((status) => status >= 400)).toEqual([]);
});
