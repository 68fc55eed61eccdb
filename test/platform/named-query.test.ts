import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { queryNamed } from '../../src/platform/db/named-query.ts';
import { clientSettings } from '../../src/platform/db/settings.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

/** Named statements as pg sends them, and how often their columns are described. */
let database: TestDatabase;
let client: pg.Client;
let described: number;

const values = {
  name: 'values',
  text: `select $1::text as text, $2::bigint as number, $3::timestamptz as time, $4::jsonb as json, $5::text[] as list,
    $6::boolean as truth, null::text as nothing`,
};
const sent = [
  'é "quoted" 😀',
  '9007199254740991',
  '2026-11-30T01:02:03.4Z',
  '{"a":[1,null]}',
  ['x', 'y,z'],
  true,
];
const row = {
  text: 'é "quoted" 😀',
  number: 9_007_199_254_740_991,
  time: '2026-11-30T01:02:03.400Z',
  json: { a: [1, null] },
  list: ['x', 'y,z'],
  truth: true,
  nothing: null,
};

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  client = new pg.Client(clientSettings(database.url, 'reads', false));
  await client.connect();
  described = 0;
  client.connection.on('rowDescription', () => {
    described += 1;
  });
});
afterEach(() => client.end());

const run = (statement: { name: string; text: string }, parameters: readonly unknown[] = []) =>
  queryNamed<Record<string, unknown>>(client, statement, parameters);

test('the columns of a statement are described once, and its values are read alike each time', async () => {
  for (let turn = 0; turn < 3; turn += 1) expect(await run(values, sent)).toEqual([row]);
  expect(described).toBe(1);
});

test('statements that are sent before the first answer are described each', async () => {
  expect(await Promise.all([run(values, sent), run(values, sent)])).toEqual([[row], [row]]);
  expect(await run(values, sent)).toEqual([row]);
  expect(described).toBe(2);
});

test('each statement has its own columns, however they are mixed', async () => {
  const one = { name: 'one', text: 'select 1 as one' };
  const series = { name: 'series', text: 'select n as two, n + 1 as three from generate_series(1, 3) n' };
  const mixed = () => Promise.all([run(one), run(series), run(one)]);
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await mixed()).toEqual([
      [{ one: 1 }],
      [
        { two: 1, three: 2 },
        { two: 2, three: 3 },
        { two: 3, three: 4 },
      ],
      [{ one: 1 }],
    ]);
  }
});

test('a statement without rows returns none', async () => {
  await run({ name: 'make', text: 'create temporary table things (id int)' });
  const add = { name: 'add', text: 'insert into things values ($1::int)' };
  for (let turn = 0; turn < 2; turn += 1) expect(await run(add, [turn])).toEqual([]);
  const found = { name: 'found', text: 'select id from things where id = $1::int' };
  expect([await run(found, [7]), await run(found, [1])]).toEqual([[], [{ id: 1 }]]);
});

test('a failure is its own statement’s, and the statement runs again', async () => {
  const divide = { name: 'divide', text: 'select 10 / $1::int as result' };
  const answers = await Promise.allSettled([
    run(divide, [0]),
    run(divide, [5]),
    run(divide, [0]),
    run(divide, [2]),
  ]);
  expect(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code)),
  ).toEqual(['22012', [{ result: 2 }], '22012', [{ result: 5 }]]);
});

test('a statement that Postgres does not accept fails each time, and harms none after it', async () => {
  const wrong = { name: 'wrong', text: 'select nothing from nowhere' };
  for (let turn = 0; turn < 2; turn += 1) await expect(run(wrong)).rejects.toMatchObject({ code: '42P01' });
  expect(await run(values, sent)).toEqual([row]);
});

test('a statement whose columns have changed is refused, not misread', async () => {
  await run({ name: 'make', text: 'create temporary table changing (value int)' });
  await run({ name: 'fill', text: 'insert into changing values (1)' });
  const all = { name: 'all', text: 'select * from changing' };
  expect(await run(all)).toEqual([{ value: 1 }]);
  await run({ name: 'alter', text: 'alter table changing add column more text' });
  await expect(run(all)).rejects.toMatchObject({ code: '0A000' });
});

test('a value that cannot be read is an error of its statement', async () => {
  const date = {
    name: 'date',
    text: "select 'infinity'::timestamptz at time zone 'UTC' as fine, $1::timestamptz as time",
  };
  await expect(run(date, ['infinity'])).rejects.toThrow(RangeError);
  expect(await run(values, sent)).toEqual([row]);
});
