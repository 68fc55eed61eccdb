import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { declaredRoutes } from '../../src/api-description.ts';
import { DOMAIN_ERRORS, type DomainErrorCode } from '../../src/directory/errors.ts';
import { COMMON_ERRORS } from '../../src/rest/router.ts';

/** Codes that some file names in a rejection or a table of rejections, apart from the list of all codes and routes. */
const produced = new Set(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /\.ts$/.test(file) && !/\.test\.ts$|(?:^|\/)routes[./]|^directory\/errors\.ts$/.test(file),
    )
    .map((file) => readFileSync(join('src', file), 'utf8'))
    .filter((text) => text.includes('DomainError'))
    .flatMap((text) => [...text.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code)),
);

const routes = declaredRoutes().map(
  (route) => [`${route.method} ${route.path}`, route.errors ?? []] as const,
);

test.each(routes)('%s declares only rejections that something can produce, each once', (_, errors) => {
  expect(errors.filter((code) => !produced.has(code))).toEqual([]);
  expect(errors).toEqual([...new Set(errors)]);
});

test('every code of a rejection is produced by something', () => {
  const codes = Object.keys(DOMAIN_ERRORS) as DomainErrorCode[];
  expect(codes.filter((code) => !produced.has(code))).toEqual([]);
});

test('every code that is not common is declared by a route, apart from those that only other interfaces reject with', () => {
  const declared = new Set(routes.flatMap(([, errors]) => errors));
  const codes = Object.keys(DOMAIN_ERRORS) as DomainErrorCode[];
  expect(codes.filter((code) => !declared.has(code) && !COMMON_ERRORS.has(code))).toEqual([
    // REST's declarations limit lengths, and REST has no filters: SCIM.
    'value_too_long',
    'too_costly',
    // What a directory sends: SCIM.
    'owner_address',
    'invalid_role',
    'mass_change_held',
  ]);
});
