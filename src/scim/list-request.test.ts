import { describe, expect, test } from '@jest/globals';
import { MAX_COUNT, parseListRequest } from './list-request.ts';
import { strictDialect } from './quirks/index.ts';
import { readSchemas } from './schema/definition.ts';
import { compileResourceTypes } from './schema/resource-type.ts';

const { user } = compileResourceTypes(readSchemas('scim-schemas'));
const parse = (parameters: Readonly<Record<string, string>>) =>
  parseListRequest(new Map(Object.entries(parameters)), user, [], strictDialect, 'https://scim.example');

describe('parseListRequest', () => {
  test('limits a page, however many resources are requested', () => {
    expect(parse({ count: '1000000' }).page.limit).toBe(MAX_COUNT);
    expect(parse({ count: '7' }).page.limit).toBe(7);
  });

  test('takes a count below 0 for 0 and a start below 1 for 1 (RFC 7644 §3.4.2.4)', () => {
    expect(parse({ count: '-5', startindex: '-5' }).page).toMatchObject({ limit: 0, offset: 0 });
  });
});
