import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  for (const name of ['Support Team', 'Sales Team', 'Engineering']) await owner.post('/groups', { name });
});
afterAll(() => rollcall.close());

const HEADER = 'email,name,role,groups';
let number = 0;
const address = () => `imported-${++number}@rollcall.example`;
const csv = (...rows: string[]) => [HEADER, ...rows].join('\n');
const upload = (content: string | Buffer, query = '') =>
  owner
    .post(`/imports${query}`)
    .set('Content-Type', 'text/csv')
    .send(content as never);
const messages = ({ body }: { body: { rows: { result: string; message: string | null }[] } }) =>
  body.rows.map(({ result, message }) => [result, message]);
const finish = async (id: string) => {
  expect((await owner.post(`/imports/${id}/confirm`)).status).toBe(202);
  await rollcall.rollcall.runDueJobsOnce();
  return (await owner.get(`/imports/${id}`)).body;
};

describe('the preview', () => {
  test('R22: the template is the header and the two example rows', async () => {
    const { text } = await owner.get('/imports/template.csv');
    expect(text.split('\r\n').slice(0, 3)).toEqual([
      'email,name,role,groups',
      'john@company.com,John Doe,train,"Support Team"',
      'jane@company.com,Jane Smith,readonly,"Sales Team;Engineering"',
    ]);
    expect((await upload(text)).body.counts).toEqual({ add: 2, skip: 0, error: 0, update: 0 });
  });

  test('R23: byte-order mark, CRLF and quotes are read; R27: groups by pipe or semicolon', async () => {
    const answer = await upload(
      `\uFEFF${HEADER}\r\n${address()},"Doe, ""JD"" Jane",train,"Sales Team; Engineering|Support Team"\r\n`,
    );
    expect(answer.body.counts.add).toBe(1);
    const done = await finish(answer.body.id);
    expect(done).toMatchObject({ state: 'done', counts: { add: 1, error: 0 } });
    const { data } = await owner.get(`/users?q=imported-${number}`).then(({ body }) => body);
    expect(data[0]).toMatchObject({ name: 'Doe, "JD" Jane', status: 'pending', source: 'import' });
    expect(data[0].groups.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Engineering',
      'Sales Team',
      'Support Team',
    ]);
  });

  test('R24 to R27, R29, R30, R33, R38: each row has its message, and changes nothing', async () => {
    const twice = address();
    const answer = await upload(
      csv(
        'nobody,,readonly,',
        `${address()},,Admin,`,
        `${address()},,,`,
        `${address()},,readonly,Nowhere`,
        `${twice},,readonly,`,
        `${twice.toUpperCase()},,train,`,
      ),
    );
    expect(messages(answer)).toEqual([
      ['error', 'Invalid email format'],
      ['error', 'Invalid role'],
      ['error', 'Invalid role'],
      ['error', 'Group not found'],
      ['add', null],
      ['skip', 'Duplicate email'],
    ]);
    expect(answer.body.counts).toEqual({ add: 1, skip: 1, error: 4, update: 0 });
    expect((await owner.get(`/users?q=${twice}`)).body.data).toEqual([]);
  });

  test('R28: 1,000 rows are accepted, 1,001 rejected as a whole', async () => {
    const rows = (count: number) =>
      csv(...Array.from({ length: count }, (_, at) => `bulk-${at}@rollcall.example,,readonly,`));
    expect((await upload(rows(1_000))).body.counts.add).toBe(1_000);
    const refused = await upload(rows(1_001));
    expect([refused.status, refused.body.code]).toEqual([413, 'too_many_rows']);
    expect(refused.body.detail).toContain('max 1,000 per import');
  });

  test('R34: users who are here are skipped, or get the role', async () => {
    const user = await joins(rollcall, owner);
    const { body } = await upload(csv(`${user.email},,train,`));
    expect(body.rows[0]).toMatchObject({ result: 'skip', message: 'Duplicate email' });
    const changed = await owner.patch(`/imports/${body.id}`, { onDuplicate: 'update_role' });
    expect(changed.body.counts).toMatchObject({ update: 1, skip: 0 });
    await finish(body.id);
    expect((await owner.get(`/users/${user.id}`)).body.role).toBe('train');
  });

  test('marks provisioned users', async () => {
    const userName = address();
    await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
    });
    const { body } = await upload(csv(`${userName},Other Name,train,`), '?onDuplicate=update_role');
    expect(body.rows[0]).toMatchObject({
      result: 'update',
      note: expect.stringContaining('identity provider'),
    });
  });

  test('rejects files that are not CSV with a sentence: Latin-1, UTF-16, a workbook, no header', async () => {
    const bad = async (content: string | Buffer) => {
      const { status, body } = await upload(content);
      return [status, body.code];
    };
    expect(await bad(Buffer.from(csv('jos\u00e9@rollcall.example,Jos\u00e9,readonly,'), 'latin1'))).toEqual([
      422,
      'not_csv',
    ]);
    expect(await bad(Buffer.from(`\ufeff${HEADER}`, 'utf16le'))).toEqual([422, 'not_csv']);
    expect(await bad('mail,name\na,b')).toEqual([422, 'bad_header']);
    expect(await bad('')).toEqual([422, 'not_csv']);
  });

  test('a file of 50 MB is rejected', async () => {
    const form = Buffer.alloc(50 * 1024 * 1024, 'a,b,c,d\n');
    const { status } = await owner.post('/imports').attach('file', form, 'users.csv');
    expect(status).toBe(413);
  });

  test('a form is accepted as well as the bare file', async () => {
    const { status, body } = await owner
      .post('/imports')
      .field('onDuplicate', 'update_role')
      .attach('file', Buffer.from(csv(`${address()},,readonly,`)), 'my people.csv');
    expect([status, body.fileName, body.onDuplicate]).toEqual([201, 'my people.csv', 'update_role']);
  });
});

describe('the run', () => {
  test('R31, R32, R35: good rows are pending with a mail, bad ones stop no one', async () => {
    const [one, two] = [address(), address()];
    const { body } = await upload(
      csv(`${one},One,readonly,Support Team`, 'bad,,readonly,', `${two},Two,train,`),
    );
    expect(await finish(body.id)).toMatchObject({
      state: 'done',
      counts: { add: 2, error: 1 },
      progress: { done: 3, total: 3 },
    });
    for (const email of [one, two]) {
      expect((await owner.get(`/users?q=${email}`)).body.data[0].status).toBe('pending');
      expect(await mailsTo(rollcall, email)).toHaveLength(1);
    }
  });

  test('R36, R37, R39: the failed rows come back as a file that can be imported as it is', async () => {
    const email = address();
    const { body } = await upload(csv(`${email},"=HYPERLINK(""x"")",nonsense,`));
    const { text, headers } = await owner.get(`/imports/${body.id}/errors.csv`);
    expect(headers['content-disposition']).toBe('attachment; filename="errors-of-users.csv"');
    expect(text).toContain('email,name,role,groups,row,error');
    expect(text).toContain("'=HYPERLINK");
    const again = await upload(text.replace('nonsense', 'readonly'));
    expect(again.body.counts.add).toBe(1);
    await finish(again.body.id);
    expect((await owner.get(`/users?q=${email}`)).body.data[0].name).toBe('=HYPERLINK("x")');
  });

  test('confirmed twice concurrently, it runs once', async () => {
    const email = address();
    const { body } = await upload(csv(`${email},,readonly,`));
    const both = await Promise.all([
      owner.post(`/imports/${body.id}/confirm`),
      owner.post(`/imports/${body.id}/confirm`),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    await Promise.all([rollcall.rollcall.runDueJobsOnce(), rollcall.rollcall.runDueJobsOnce()]);
    expect(await mailsTo(rollcall, email)).toHaveLength(1);
  });

  test('two workers on one import leave no one out and make no one twice', async () => {
    const emails = Array.from({ length: 30 }, address);
    const { body } = await upload(csv(...emails.map((email) => `${email},,readonly,`)));
    await owner.post(`/imports/${body.id}/confirm`);
    await rollcall.rollcall.db.search(
      `insert into jobs (id, org_id, kind, payload, due_at, created_at)
      select gen_random_uuid(), org_id, kind, payload, now(), now() from jobs where kind = $1`,
      ['run_import'],
    );
    await Promise.all([rollcall.rollcall.runDueJobsOnce(), rollcall.rollcall.runDueJobsOnce()]);
    expect((await owner.get(`/imports/${body.id}`)).body).toMatchObject({
      state: 'done',
      progress: { done: 30, total: 30 },
      counts: { add: 30 },
    });
    for (const email of emails) expect(await mailsTo(rollcall, email)).toHaveLength(1);
  });

  test('it imports no one once its confirmer is no longer an admin', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const email = address();
    const { body } = await admin
      .post('/imports')
      .set('Content-Type', 'text/csv')
      .send(csv(`${email},,readonly,`));
    await admin.post(`/imports/${body.id}/confirm`);
    await owner.post(`/users/${admin.id}/deactivate`, {});
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get(`/imports/${body.id}`)).body.counts).toMatchObject({ add: 0, error: 1 });
    expect((await owner.get(`/users?q=${email}`)).body.data).toEqual([]);
  });
});
