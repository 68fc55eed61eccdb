import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uuidv7 } from '../../src/platform/ids.ts';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Holder, hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** Imports beside each other and beside a directory, which takes no lock of the organization. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

interface Row {
  readonly result: string;
  readonly message: string | null;
  readonly user: { readonly id: string } | null;
}

let number = 0;
const address = () => `raced-${++number}@rollcall.example`;
const run = () => rollcall.rollcall.runDueJobsOnce();

/** A preview that is confirmed and waits for its job. */
async function confirmed(rows: readonly string[], query = '', by = owner): Promise<string> {
  const { body } = await by
    .post(`/imports${query}`)
    .set('Content-Type', 'text/csv')
    .send(['email,name,role,groups', ...rows].join('\n') as never)
    .expect(201);
  await by.post(`/imports/${body.id}/confirm`).expect(202);
  return body.id;
}
async function rowsOf(id: string): Promise<Row[]> {
  const { body } = await owner.get(`/imports/${id}/rows?limit=200`).expect(200);
  return body.data;
}
const holdSql = (sql: string, ...values: unknown[]): Promise<Holder> =>
  hold(rollcall.databaseUrl, sql, [organization.org, ...values]);
const findUser = async (email: string) => (await owner.get(`/users?q=${email}`).expect(200)).body.data[0];
const eventsOf = async (id: string, action: string): Promise<number> =>
  (await owner.get(`/audit?about=${id}&action=${action}`).expect(200)).body.data.length;

/** Runs the import until it waits for what is held, then lets it continue. */
async function runAgainst(held: Holder): Promise<void> {
  const running = run();
  await held.waitForWaiting(1);
  await held.release();
  await running;
}

/** As a directory creates a user, not committed yet. */
const creating = (id: string, email: string) =>
  holdSql(
    `insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
      values ($1, $2, $3, $3, $3, $3, 'active', 'readonly', 'scim', now(), now(), '{}')`,
    id,
    email,
  );

describe('a row about a user', () => {
  test('whom a directory creates at that moment is skipped, and names the user', async () => {
    const [email, user] = [address(), uuidv7()];
    const id = await confirmed([`${email},,readonly,`]);
    await runAgainst(await creating(user, email));
    expect(await rowsOf(id)).toMatchObject([
      { result: 'skip', message: 'Duplicate email', user: { id: user } },
    ]);
  });

  test('whom a directory creates at that moment gets the role, where the import updates roles', async () => {
    const [email, user] = [address(), uuidv7()];
    const id = await confirmed([`${email},,train,`], '?onDuplicate=update_role');
    await runAgainst(await creating(user, email));
    expect(await rowsOf(id)).toMatchObject([{ result: 'update', user: { id: user } }]);
    expect((await findUser(email)).role).toBe('train');
  });

  test('whom a directory deletes at that moment fails and says so, and records no role', async () => {
    const user = await joins(rollcall, owner);
    const id = await confirmed([`${user.email},,train,`], '?onDuplicate=update_role');
    await runAgainst(
      await holdSql(
        `update users set deleted_at = now(), user_name_key = null, email_key = null, version = version + 1
          where org_id = $1 and id = $2`,
        user.id,
      ),
    );
    expect(await rowsOf(id)).toMatchObject([
      { result: 'error', message: expect.stringMatching(/^This user was deleted after the preview/) },
    ]);
    expect(await eventsOf(user.id, 'user.role_changed')).toBe(0);
  });

  test('whose group a directory deletes at that moment fails as one whose group is not found', async () => {
    const { id: group } = (await owner.post('/groups', { name: 'Leaving' }).expect(201)).body;
    const email = address();
    const id = await confirmed([`${email},,readonly,Leaving`]);
    await runAgainst(await holdSql('delete from groups where org_id = $1 and id = $2', group));
    expect(await rowsOf(id)).toMatchObject([{ result: 'error', message: 'Group not found' }]);
    expect(await findUser(email)).toBeUndefined();
  });
});

test('two imports of the same people at once create each of them once, and the rows say which did', async () => {
  const emails = Array.from({ length: 20 }, address);
  const rows = emails.map((email) => `${email},,readonly,`);
  const imports = [await confirmed(rows), await confirmed([...rows].reverse())];
  await Promise.all([run(), run()]);
  await run();
  const [one, two] = [await rowsOf(imports[0] as string), await rowsOf(imports[1] as string)];
  for (const [at, email] of emails.entries()) {
    const [first, second] = [one[at] as Row, two[emails.length - 1 - at] as Row];
    expect([first.result, second.result].sort()).toEqual(['add', 'skip']);
    const { id } = await findUser(email);
    expect([first.user?.id, second.user?.id]).toEqual([id, id]);
  }
});

test('beside a directory that creates, deactivates and deletes the same people no request fails, no one is there twice, and each row says what became of it', async () => {
  const emails = Array.from({ length: 24 }, address);
  const id = await confirmed(emails.map((email) => `${email},,readonly,`));
  const statuses: number[] = [];
  const sync = async (email: string, place: number) => {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const made = await organization.scim('POST', '/Users', {
      schemas,
      userName: email,
      emails: [{ value: email, primary: true }],
    });
    statuses.push(made.status);
    if (made.status !== 201) return;
    const path = `/Users/${(made.body as { id: string }).id}`;
    const Operations = [{ op: 'replace', path: 'active', value: false }];
    const patch = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations };
    if (place % 3 !== 0) statuses.push((await organization.scim('PATCH', path, patch)).status);
    if (place % 3 === 2) statuses.push((await organization.scim('DELETE', path)).status);
  };
  await Promise.all([run(), ...emails.map(sync)]);
  await run();
  expect(statuses.filter((status) => status >= 400)).toEqual([]);
  const { db } = rollcall.rollcall;
  const users = await db.search<{
    id: string;
    email: string;
    source: string;
    deleted: boolean;
    links: number;
  }>(
    `select id, email, source, deleted_at is not null as deleted,
      (select count(*) from user_links l where l.org_id = u.org_id and l.user_id = u.id) as links
      from users u where org_id = $1 and email = any($2::text[])`,
    [organization.org, emails],
  );
  const rows = await rowsOf(id);
  for (const [place, email] of emails.entries()) {
    const row = rows[place] as Row;
    const mine = users.filter((user) => user.email === email);
    expect(mine.filter(({ deleted }) => !deleted).length).toBeLessThanOrEqual(1);
    const named = mine.find((user) => user.id === row.user?.id);
    expect(['add', 'skip']).toContain(row.result);
    expect(named?.source).toBe(row.result === 'add' ? 'import' : 'scim');
  }
});
