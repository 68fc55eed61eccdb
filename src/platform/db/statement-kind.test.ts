import { expect, test } from '@jest/globals';
import { createStatementKinds } from './statement-kind.ts';

const kindOf = (text: string, long?: boolean) =>
  createStatementKinds()({ name: 'x', text, ...(long === undefined ? {} : { long }) });

test.each([
  'update users set role = $2 where org_id = $1',
  'with t as (select 1), used as (UPDATE scim_tokens set x = 1) select * from t',
  'insert into users values ($1)',
  'delete from users where org_id = $1',
  'select pg_advisory_xact_lock(hashtextextended($1::text, 0))',
  'select from groups where org_id = $1 for update',
  'select from groups where org_id = $1 for  no key update skip locked',
  'select from groups for share',
])('%s is a write', (text) => {
  expect(kindOf(text)).toBe('write');
  expect(kindOf(text, true)).toBe('write');
});

test.each([
  'select updated_at, deleted_at, locked_until from users where org_id = $1',
  "select settings ->> 'lockMinutes' from organizations",
])('%s is a read', (text) => {
  expect(kindOf(text)).toBe('read');
});

test('A read that is marked as long is a search', () => {
  expect(kindOf('select 1', true)).toBe('search');
});
