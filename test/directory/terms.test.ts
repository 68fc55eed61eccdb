import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import knex from 'knex';
import { up } from '../../migrations/0087_index_terms_of_profiles.ts';
import type { OrgId } from '../../src/directory/ids.ts';
import { fillTerms } from '../../src/directory/search/store/fill-terms.ts';
import { isSureKey, termKey, termsOf } from '../../src/directory/search/terms.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const sql = <Row extends object>(text: string, ...values: unknown[]) =>
  rollcall.rollcall.db.transaction(organization.org, (tx) =>
    tx.query<Row>({ name: `terms-${text.length}`, text }, values),
  );
const create = async (userName: string, more: object) =>
  (await organization.scim('POST', '/Users', { schemas, userName, ...more }).expect(201)).body.id as string;
const list = async (filter: string, more = '') => {
  const path = `/Users?filter=${encodeURIComponent(filter)}${more}`;
  const { body } = await organization.scim('GET', path).expect(200);
  return { total: body.totalResults, ids: (body.Resources ?? []).map(({ id }: { id: string }) => id) };
};
const termsIn = async (id: string) =>
  (
    await sql<{ terms: string | null }>('select terms::text as terms from user_search where user_id = $1', id)
  )[0]?.terms;
const fill = () => fillTerms(rollcall.rollcall.db, new AbortController().signal);

describe('The key of a term', () => {
  test('is the same for texts that Postgres folds to the same, for every character', async () => {
    const rows: { n: number; lower: string }[] = [];
    for (let plane = 0; plane <= 16; plane++) {
      const ofPlane = await rollcall.rollcall.db.search<{ n: number; lower: string }>(
        `select n, lower(chr(n) collate "und-x-icu") as lower from generate_series($1::integer, $1 + 65535) n
          where n > 0 and n not between 55296 and 57343`,
        [plane * 65_536],
      );
      rows.push(...ofPlane);
    }
    const missed = rows.filter(({ n, lower }) => termKey(String.fromCodePoint(n)) !== termKey(lower));
    expect(missed).toEqual([]);
    const confused = rows.filter(({ n, lower }) => {
      const key = termKey(String.fromCodePoint(n));
      return isSureKey(key) && key !== lower;
    });
    expect(confused).toEqual([]);
  }, 60_000);

  test.each(['ΟΔΟΣ', 'ΣΑΣ', 'Σ', 'İSTANBUL', 'STRASSE', 'ÀÉÎ', 'ΌΣΟΣ.'])(
    'is the same for %s and what Postgres folds it to',
    async (text) => {
      const [row] = await rollcall.rollcall.db.search<{ lower: string }>(
        'select lower($1 collate "und-x-icu") as lower',
        [text],
      );
      expect(termKey(row?.lower ?? '')).toBe(termKey(text));
    },
  );
});

describe('A filter by terms', () => {
  test('finds what an older version of the server wrote, before and after its terms are computed', async () => {
    const id = await create('older@terms.example', { title: 'Before' });
    // The statement of an older version: neither terms nor their version.
    await sql(
      `update users set profile = profile || '{"title": "After"}', version = version + 1 where id = $1`,
      id,
    );
    expect(await termsIn(id)).toBeNull();
    const expectFound = async () => {
      expect(await list('title eq "after"')).toEqual({ total: 1, ids: [id] });
      expect(await list('title eq "before"')).toEqual({ total: 0, ids: [] });
    };
    await expectFound();
    expect(await fill()).toBe(1);
    expect(await termsIn(id)).not.toBeNull();
    await expectFound();
    expect(await fill()).toBe(0);
  });

  test('finds a user that was inserted without a row of the search', async () => {
    await sql(
      `insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
        values ($1, gen_random_uuid(), 'bare', 'bare', 'active', 'readonly', 'scim', now(), now(), '{"title": "Bare"}')`,
      organization.org,
    );
    expect((await list('title eq "bare"')).total).toBe(1);
    await fill();
    expect((await list('title eq "bare"')).total).toBe(1);
    await sql(`delete from users where user_name = 'bare'`);
  });

  test('follows changes of a profile, its deletion and its restoration', async () => {
    const id = await create('life@terms.example', { nickName: 'Ada', title: 'Countess' });
    const patch = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
    const Operations = [{ op: 'replace', path: 'nickName', value: 'Augusta' }];
    await organization.scim('PATCH', `/Users/${id}`, { schemas: [patch], Operations }).expect(200);
    expect(await list('nickName eq "ada"')).toEqual({ total: 0, ids: [] });
    expect(await list('nickName eq "AUGUSTA"')).toEqual({ total: 1, ids: [id] });
    const written = await termsIn(id);
    const deactivation = [{ op: 'replace', path: 'active', value: false }];
    await organization
      .scim('PATCH', `/Users/${id}`, { schemas: [patch], Operations: deactivation })
      .expect(200);
    expect(await termsIn(id)).toBe(written);
    const before = (await list('nickName pr')).total;
    await owner.delete(`/users/${id}?force=true`, { mode: 'soft', password: OWNER_PASSWORD }).expect(204);
    expect(await termsIn(id)).toBe('{}');
    expect(await list('nickName eq "augusta"')).toEqual({ total: 0, ids: [] });
    expect((await list('nickName pr', '&count=0')).total).toBe(before - 1);
    await owner.post(`/users/${id}/restore`);
    expect(await termsIn(id)).toBe(written);
    expect(await list('nickName eq "augusta"')).toEqual({ total: 1, ids: [id] });
  });

  test('gives an exact total and every page in the order of ids', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 25; n++) ids.push(await create(`paged${n}@terms.example`, { userType: 'Paged' }));
    ids.sort();
    expect(await list('userType eq "paged"', '&count=10')).toEqual({ total: 25, ids: ids.slice(0, 10) });
    for (const [start, from] of [
      [11, 10],
      [21, 20],
      [16, 15],
    ]) {
      const page = await list('userType eq "paged"', `&count=10&startIndex=${start}`);
      expect(page).toEqual({ total: 25, ids: ids.slice(from, (from ?? 0) + 10) });
    }
    expect((await list('userType ne "paged"', '&count=0')).total).toBe(
      (await list('id pr', '&count=0')).total - 25,
    );
  });

  test('asks each user whose profile has more terms than are kept', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n);
    const id = await create('many@terms.example', {
      title: 'Many',
      addresses: hundred.flatMap((n) => ({ streetAddress: `S${n}`, locality: `L${n}`, postalCode: `P${n}` })),
      phoneNumbers: hundred.map((n) => ({ value: `+1 425 ${n}`, display: `D${n}` })),
      ims: hundred.map((n) => ({ value: `im${n}`, display: `D${n}` })),
    });
    expect((await termsIn(id))?.split(',').length).toBe(1);
    expect(await list('title eq "many"')).toEqual({ total: 1, ids: [id] });
    expect(await list('ims.display eq "d99"')).toEqual({ total: 1, ids: [id] });
  });

  test('does not find users of another organization', async () => {
    const other = await rollcall.organization({ name: 'Other' });
    await other.scim('POST', '/Users', { schemas, userName: 'x', title: 'Elsewhere' }).expect(201);
    expect(await list('title eq "elsewhere"')).toEqual({ total: 0, ids: [] });
  });

  test('finds a part of an address that is not in the form in which keys are kept', async () => {
    const decomposed = 'rene\u0301@terms.example';
    const id = await create('rene', { emails: [{ value: decomposed, type: 'work' }] });
    for (const filter of [
      'emails.value sw "rene"',
      'emails co "ENE\u0301"',
      'emails[value ew "@terms.example" and value co "ene"]',
    ])
      expect((await list(filter)).ids).toContain(id);
  });
});

test('An organization’s terms have nothing in common with another’s', () => {
  const [one, other] = ['019a0000-0000-7000-8000-000000000001', '019a0000-0000-7000-8000-000000000002'].map(
    (org) =>
      termsOf(org as OrgId, { title: 'Same' })
        .slice(1, -1)
        .split(','),
  );
  expect(one).toHaveLength(2);
  expect(one?.filter((term) => other?.includes(term))).toEqual([]);
});

test('The migration can be repeated', async () => {
  const database = knex({ client: 'pg', connection: rollcall.databaseUrl });
  await up(database).finally(() => database.destroy());
  expect((await list('userType eq "paged"')).total).toBe(25);
});
