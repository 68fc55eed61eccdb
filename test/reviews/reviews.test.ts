import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrgId } from '../../src/directory/ids.ts';
import { evidenceOf } from '../../src/reviews/evidence.ts';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const DAY_MS = 86_400_000;
let clock = Date.now();
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;
let lead: TestUser;
let jane: TestUser;
let john: TestUser;
let sales: string;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
  organization = await rollcall.organization({ name: 'Ours' });
  owner = await signInAsOwner(rollcall, organization);
  sales = (await owner.post('/groups', { name: 'Sales' })).body.id;
  admin = await joins(rollcall, owner, { role: 'admin', name: 'Ada Admin' });
  lead = await joins(rollcall, owner, { role: 'configure', name: 'Lena Lead', groups: ['Sales'] });
  await owner.patch(`/groups/${sales}/members/${lead.id}`, { inGroupRole: 'manager' }).expect(204);
  jane = await joins(rollcall, owner, { role: 'train', name: 'Jane Doe', groups: ['Sales'] });
  john = await joins(rollcall, owner, { name: 'John Doe', groups: ['Sales'] });
});
afterAll(() => rollcall.close());

interface Item {
  readonly id: string;
  readonly subject: { readonly type: string; readonly id: string; readonly name: string | null };
  readonly risk: string;
  readonly decision: string | null;
  readonly mayDecide: boolean;
  readonly suggestion: { readonly decision: string; readonly reasons: readonly string[] };
  readonly reviewers: readonly { readonly id: string }[];
}

/** Starts a review and has its items collected. @returns its id */
async function opens(body: object = {}): Promise<string> {
  const started = await owner.post('/reviews', body);
  expect([started.status, started.body.state]).toEqual([202, 'opening']);
  await rollcall.rollcall.tendReviews();
  expect((await owner.get(`/reviews/${started.body.id}`)).body.state).toBe('open');
  return started.body.id;
}

const itemsOf = async (review: string, query = '', who = owner): Promise<Item[]> =>
  (await who.get(`/reviews/${review}/items?limit=200&${query}`).expect(200)).body.data;

async function itemAbout(review: string, subject: string): Promise<Item> {
  const item = (await itemsOf(review)).find((each) => each.subject.id === subject);
  if (item === undefined) throw new Error(`No item is about ${subject}.`);
  return item;
}

const decide = (who: TestUser, review: string, item: Item, body: object) =>
  who.put(`/reviews/${review}/items/${item.id}`, body);

describe('a review of everybody', () => {
  let review: string;
  beforeAll(async () => {
    review = await opens({ title: 'Everybody' });
  });

  test('R126 has an item for each user, with what was there', async () => {
    const items = await itemsOf(review);
    expect(items.map(({ subject }) => subject.name).sort()).toEqual(
      [null, 'Ada Admin', 'Jane Doe', 'John Doe', 'Lena Lead'].sort(),
    );
    expect(await itemAbout(review, lead.id)).toMatchObject({
      role: 'configure',
      effectiveRole: 'configure',
      status: 'active',
      groups: [{ id: sales, name: 'Sales', inGroupRole: 'manager', role: null, sources: ['manual'] }],
      risk: 'medium',
      suggestion: { decision: 'keep' },
      rights: { used: [], unused: ['users:manage', 'roles:assign', 'groups:members', 'reviews:decide'] },
    });
    const { progress } = (await owner.get(`/reviews/${review}`)).body;
    expect(progress).toMatchObject({ items: 5, decided: 0, undecided: 5, percent: 0 });
  });

  test('asks the managers of the groups, nobody about themselves, and administrators about the rest', async () => {
    expect((await itemAbout(review, jane.id)).reviewers.map(({ id }) => id)).toEqual([lead.id]);
    expect((await itemAbout(review, lead.id)).reviewers).toEqual([]);
    expect((await itemAbout(review, owner.id)).mayDecide).toBe(false);
    const mine = (await lead.get('/reviews?mine=true')).body.data;
    expect(mine).toMatchObject([{ id: review, mine: { items: 2, undecided: 2 } }]);
    const seen = await itemsOf(review, '', lead);
    expect(seen.map(({ subject }) => subject.id).sort()).toEqual([jane.id, john.id].sort());
    const { data } = (await owner.get(`/reviews/${review}/reviewers`)).body;
    expect(data).toMatchObject([
      { reviewer: null, items: 3 },
      { reviewer: { id: lead.id }, items: 2 },
    ]);
  });

  test('mails each reviewer once that it is open', async () => {
    await rollcall.rollcall.tendReviews();
    const mails = (await mailsTo(rollcall, lead.email)).filter(({ subject }) =>
      subject?.includes('Everybody'),
    );
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('2 items wait for your decision');
  });

  test('filters and pages its items, the riskiest first', async () => {
    expect((await itemsOf(review, 'q=jane')).map(({ subject }) => subject.id)).toEqual([jane.id]);
    expect(await itemsOf(review, `reviewer=${lead.id}`)).toHaveLength(2);
    expect(await itemsOf(review, 'decided=true')).toEqual([]);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { data, nextCursor } = (await owner.get(`/reviews/${review}/items?limit=2${cursor}`)).body;
      seen.push(...data.map(({ id }: Item) => id));
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(seen).toEqual((await itemsOf(review)).map(({ id }) => id));
  });

  test('refuses decisions about oneself with 403 self_review', async () => {
    const own = await itemAbout(review, owner.id);
    const refused = await decide(owner, review, own, { decision: 'keep', note: 'It is me' });
    expect([refused.status, refused.body.code]).toEqual([403, 'self_review']);
  });

  test('R128 a manager changes the role of a user, with a note, and can undo it', async () => {
    const item = await itemAbout(review, jane.id);
    const done = await decide(lead, review, item, {
      decision: 'change_role',
      role: 'readonly',
      note: 'Left training',
    });
    expect([done.status, done.body.decision, done.body.note]).toEqual([200, 'change_role', 'Left training']);
    expect(done.body).toMatchObject({
      before: { role: 'train' },
      after: { role: 'readonly' },
      decidedBy: { id: lead.id },
    });
    expect((await owner.get(`/users/${jane.id}`)).body.role).toBe('readonly');
    const [changed] = (await owner.get(`/audit?target=${jane.id}&action=user.role_changed`)).body.data;
    expect(changed.reason).toBe('Left training');
    const again = await decide(lead, review, item, { decision: 'keep' });
    expect([again.status, again.body.code]).toEqual([409, 'already_decided']);
    clock += 1_000;
    await lead.post(`/reviews/${review}/items/${item.id}/undo`).expect(200);
    expect((await owner.get(`/users/${jane.id}`)).body.role).toBe('train');
    const events = (await owner.get(`/audit?target=${review}&about=${jane.id}`)).body.data;
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'review.decision_undone',
      'review.item_decided',
    ]);
    expect(events[1].sentence).toBe(
      'Lena Lead decided about Jane Doe in the access review Everybody: change role, because “Left training”.',
    );
  });

  test('does not undo what somebody changed since, and says so', async () => {
    const item = await itemAbout(review, jane.id);
    await decide(owner, review, item, { decision: 'change_role', role: 'readonly' }).expect(200);
    const { impactToken } = (await owner.get(`/users/${jane.id}/role-impact?role=configure`)).body;
    await owner.put(`/users/${jane.id}/role`, { role: 'configure', impactToken }).expect(200);
    const refused = await owner.post(`/reviews/${review}/items/${item.id}/undo`);
    expect([refused.status, refused.body.code]).toEqual([409, 'changed_since']);
    expect((await owner.get(`/users/${jane.id}`)).body.role).toBe('configure');
    expect((await itemAbout(review, jane.id)).decision).toBe('change_role');
  });

  test('a manager is bound by the same rules as elsewhere, and what is refused leaves the item open', async () => {
    const item = await itemAbout(review, john.id);
    const refused = await decide(lead, review, item, { decision: 'change_role', role: 'admin' });
    expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
    expect((await itemAbout(review, john.id)).decision).toBeNull();
    const foreign = await itemAbout(review, admin.id);
    expect((await decide(lead, review, foreign, { decision: 'keep' })).status).toBe(404);
  });

  test('R129 takes a user out of a group and puts them back', async () => {
    const item = await itemAbout(review, john.id);
    await decide(owner, review, item, { decision: 'remove_group', groupId: sales }).expect(200);
    expect((await owner.get(`/users/${john.id}`)).body.groups).toEqual([]);
    await owner.post(`/reviews/${review}/items/${item.id}/undo`).expect(200);
    expect((await owner.get(`/users/${john.id}`)).body.groups).toMatchObject([{ id: sales }]);
  });

  test('R127 deactivates a user, and the undo gives back the account with groups and keys', async () => {
    const key = await lead.post('/me/api-keys', { name: 'Sync', scopes: ['users:read'] });
    const item = await itemAbout(review, lead.id);
    await decide(owner, review, item, { decision: 'deactivate', note: 'On leave' }).expect(200);
    expect((await owner.get(`/users/${lead.id}`)).body.status).toBe('inactive');
    await owner.post(`/reviews/${review}/items/${item.id}/undo`).expect(200);
    expect((await owner.get(`/users/${lead.id}`)).body).toMatchObject({
      status: 'active',
      groups: [{ id: sales }],
    });
    const { data } = (await owner.get(`/api-keys?user=${lead.id}`)).body;
    expect(data.find(({ id }: { id: string }) => id === key.body.id).state).toBe('active');
  });

  test('has a report whose cells no spreadsheet runs, and evidence with before and after', async () => {
    await owner.patch(`/users/${john.id}`, { name: '=HYPERLINK("x")' }).expect(200);
    const { text: csv, headers } = await owner.get(`/reviews/${review}/report.csv`).expect(200);
    expect(headers['content-disposition']).toMatch(/ filename="report-of-[a-z0-9-]+-20\d\d-\d\d-\d\d\.csv"/);
    expect(csv).toContain(`"'=HYPERLINK(""x"")"`);
    expect(csv.split('\n').filter((line) => line !== '')).toHaveLength(6);
    const files = await evidenceOf(rollcall.rollcall.db, organization.org as OrgId, review);
    const rows = new Map<string, Record<string, unknown>[]>();
    for (const { name, rows: some } of files) {
      const all: Record<string, unknown>[] = [];
      for await (const row of some) all.push(row);
      rows.set(name, all);
    }
    expect(rows.get('review')).toMatchObject([{ title: 'Everybody', startedBy: { id: owner.id } }]);
    expect(rows.get('items')).toHaveLength(5);
    expect(rows.get('decisions')).toMatchObject([
      { subjectId: jane.id, decision: 'change_role', before: { role: 'train' }, after: { role: 'readonly' } },
    ]);
    expect(rows.get('decisions')?.[0]).toMatchObject({ decidedBy: { id: owner.id } });
  });

  test('reminds its reviewers once a day', async () => {
    const first = await owner.post(`/reviews/${review}/remind`);
    expect(first.body).toMatchObject({ undecided: 4 });
    const second = await owner.post(`/reviews/${review}/remind`);
    expect([second.status, second.body.code]).toEqual([429, 'throttled']);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(86_000);
  });

  test('closes once, after which nothing is decided or undone', async () => {
    const item = await itemAbout(review, jane.id);
    const closed = await owner.post(`/reviews/${review}/close`);
    expect(closed.body).toMatchObject({ state: 'closed', progress: { decided: 1, undecided: 4 } });
    const answers = await Promise.all([
      decide(owner, review, item, { decision: 'keep' }),
      owner.post(`/reviews/${review}/items/${item.id}/undo`),
      owner.post(`/reviews/${review}/close`),
      owner.post(`/reviews/${review}/remind`),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [409, 'closed']),
    );
    const bulk = await owner.post(`/reviews/${review}/items/bulk`, { decision: 'keep', items: [item.id] });
    expect(bulk.body.results).toMatchObject([{ ok: false, code: 'closed' }]);
  });
});

describe('a review of what lies idle', () => {
  test('R127 suggests to deactivate who did nothing for 90 days, and does so in bulk', async () => {
    const idle = await Promise.all([1, 2, 3].map(() => joins(rollcall, owner)));
    clock += 100 * DAY_MS;
    owner = await signInAsOwner(rollcall, organization);
    const working = await joins(rollcall, owner);
    const review = await opens({ scope: { inactiveDays: 90 } });
    const items = await itemsOf(review);
    expect(items.some(({ subject }) => subject.id === working.id)).toBe(false);
    expect(items.every(({ suggestion }) => suggestion.decision === 'deactivate')).toBe(true);
    expect((await itemAbout(review, idle[0]?.id ?? '')).suggestion.reasons).toEqual([
      'Did nothing here for 100 days.',
    ]);
    const select = { suggestion: 'deactivate', risk: 'medium' };
    const { body } = await owner.post(`/reviews/${review}/items/bulk`, { decision: 'suggested', select });
    expect(body.next).toBeNull();
    expect(body.results.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    for (const { id } of idle) expect((await owner.get(`/users/${id}`)).body.status).toBe('inactive');
  });

  test('R134 keeps a high risk only with a note', async () => {
    const review = await opens({ scope: { privileged: true } });
    const [high] = await itemsOf(review, 'risk=high');
    const refused = await decide(owner, review, high as Item, { decision: 'keep' });
    expect([refused.status, refused.body.code]).toEqual([422, 'reason_required']);
    await decide(owner, review, high as Item, { decision: 'keep', note: 'Back next week' }).expect(200);
  });

  test('R123 disables service accounts and revokes keys', async () => {
    admin = await joins(rollcall, owner, { role: 'admin' });
    const account = (await admin.post('/service-accounts', { name: 'Nightly sync' })).body.id;
    const made = await admin.post(`/service-accounts/${account}/api-keys`, {
      name: 'One',
      scopes: ['agents:use'],
    });
    const own = await admin.post('/me/api-keys', { name: 'Two', scopes: ['users:read'] });
    const review = await opens({ scope: { users: false, programs: true } });
    const items = await itemsOf(review);
    expect(new Set(items.map(({ subject }) => subject.type))).toEqual(
      new Set(['service_account', 'api_key']),
    );
    for (const id of [made.body.id, own.body.id, account]) {
      const item = await itemAbout(review, id);
      expect((await decide(admin, review, item, { decision: 'deactivate' })).body.code).toBe('self_review');
      await decide(owner, review, item, { decision: 'deactivate' }).expect(200);
    }
    const { data } = (await owner.get('/api-keys')).body;
    for (const id of [made.body.id, own.body.id]) {
      expect(data.find((key: { id: string }) => key.id === id).state).toBe('revoked');
    }
    expect((await owner.get(`/service-accounts/${account}`)).body.status).toBe('inactive');
    const keyItem = await itemAbout(review, own.body.id);
    const refused = await owner.post(`/reviews/${review}/items/${keyItem.id}/undo`);
    expect([refused.status, refused.body.code]).toEqual([409, 'cannot_undo']);
    const accountItem = await itemAbout(review, account);
    await owner.post(`/reviews/${review}/items/${accountItem.id}/undo`).expect(200);
    expect((await owner.get(`/service-accounts/${account}`)).body.status).toBe('active');
    const wrong = await decide(owner, review, accountItem, { decision: 'remove_group', groupId: sales });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'not_applicable']);
  });
});
