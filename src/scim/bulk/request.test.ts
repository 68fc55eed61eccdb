import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BULK_REQUEST_SCHEMA, maxOperationsOf, parseBulk } from './request.ts';

const tolerant = { strict: false };
const strict = { strict: true };
const create = (more: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId: 'ann',
  data: { userName: 'ann' },
  ...more,
});
const bulk = (...Operations: unknown[]) => ({ schemas: [BULK_REQUEST_SCHEMA], Operations });
const only = (sent: unknown, dialect = tolerant) => parseBulk(bulk(sent), dialect, 10).operations[0];

describe('a Bulk', () => {
  test('is read in any case of its names, with its operations in their order', () => {
    const sent = {
      SCHEMAS: [BULK_REQUEST_SCHEMA.toUpperCase()],
      failonerrors: 3,
      operations: [
        { METHOD: 'post', Path: 'Users', BULKID: 'ann', Data: { userName: 'ann' }, version: null },
        { method: 'Delete', path: '/Users/1', version: 'W/"1"', data: {} },
      ],
    };
    expect(parseBulk(sent, tolerant, 10)).toEqual({
      failOnErrors: 3,
      operations: [
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'ann',
          version: undefined,
          data: { userName: 'ann' },
          problem: undefined,
        },
        {
          method: 'DELETE',
          path: '/Users/1',
          bulkId: undefined,
          version: 'W/"1"',
          data: undefined,
          problem: undefined,
        },
      ],
    });
  });

  test.each<[unknown, string]>([
    [[], 'The body must be a JSON object'],
    [{ schemas: ['x'], Operations: [create()] }, '"schemas" must be'],
    [{ schemas: 'x', Operations: [create()] }, '"schemas" must be'],
    [bulk(), 'at least one operation'],
    [{ Operations: {} }, 'at least one operation'],
    [{ ...bulk(create()), failOnErrors: -1 }, '"failOnErrors" must be'],
    [{ ...bulk(create()), failOnErrors: 1.5 }, '"failOnErrors" must be'],
    [{ ...bulk(create()), failOnErrors: 'one' }, '"failOnErrors" must be'],
    [bulk(...Array.from({ length: 11 }, () => create())), '11 operations, and the limit is 10'],
  ])('such as %j is rejected whole', (sent, detail) => {
    expect(() => parseBulk(sent, tolerant, 10)).toThrow(detail);
  });

  test('needs its schema in strict mode only', () => {
    expect(parseBulk({ Operations: [create()] }, tolerant, 10).operations).toHaveLength(1);
    expect(() => parseBulk({ Operations: [create()] }, strict, 10)).toThrow('"schemas" must be');
  });

  test.each([
    [undefined, undefined],
    [null, undefined],
    [0, 1],
    [1, 1],
    [7, 7],
    ['7', 7],
  ])('with failOnErrors %j ends after %j errors', (failOnErrors, expected) => {
    expect(parseBulk({ ...bulk(create()), failOnErrors }, tolerant, 10).failOnErrors).toBe(expected);
  });

  test('has as many operations as a connection may send requests at once, and 1,000 at most', () => {
    expect([250, 5_000, Number.POSITIVE_INFINITY].map(maxOperationsOf)).toEqual([250, 1_000, 1_000]);
  });
});

describe('an operation', () => {
  test.each<[unknown, string]>([
    [7, 'Each operation must be a JSON object.'],
    [create({ method: undefined }), '"method" must be POST, PUT, PATCH or DELETE.'],
    [create({ method: 'GET' }), '"method" must be POST, PUT, PATCH or DELETE, not "GET".'],
    [create({ method: ['POST'] }), '"method" must be'],
    [create({ path: undefined }), '"path" must say'],
    [create({ path: '' }), '"path" must say'],
    [create({ path: `/Users/${'x'.repeat(2_000)}` }), 'at most 2000 characters'],
    [create({ bulkId: undefined }), 'A POST needs a "bulkId"'],
    [create({ bulkId: '' }), '"bulkId" must be a string'],
    [create({ bulkId: 1 }), '"bulkId" must be a string'],
    [create({ bulkId: 'x'.repeat(10_000) }), '"bulkId" must have at most 200 characters'],
    [create({ version: 3 }), '"version" must be a string'],
    [create({ data: undefined }), 'A POST needs "data"'],
    [create({ data: null }), 'A POST needs "data"'],
    [{ method: 'PATCH', path: '/Users/1' }, 'A PATCH needs "data"'],
  ])('such as %j has a problem of its own', (sent, detail) => {
    expect(only(sent)?.problem?.message).toContain(detail);
  });

  test.each([create({ method: 'post' }), create({ path: 'Users', method: 'POST' })])(
    'such as %j is tolerated, and as it was sent in strict mode',
    (sent) => {
      expect(only(sent)).toMatchObject({ method: 'POST', path: '/Users', problem: undefined });
      const { method, path, problem } = only(sent, strict) ?? {};
      expect([method, path, problem === undefined]).not.toEqual(['POST', '/Users', true]);
    },
  );

  test('whose bulkId another POST has is rejected; other methods may repeat it', () => {
    const sent = [create(), create(), { method: 'DELETE', path: '/Users/1', bulkId: 'ann' }];
    const problems = parseBulk(bulk(...sent), tolerant, 10).operations.map(({ problem }) => problem?.message);
    expect(problems).toEqual([undefined, expect.stringContaining('has the bulkId "ann" already'), undefined]);
  });

  test('of any JSON is read without a failure', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (sent, isStrict) => {
        expect(only(sent, { strict: isStrict })).toBeDefined();
      }),
    );
  });
});
