import { describe, expect, test } from '@jest/globals';
import { pathOf } from './attribute.ts';
import { readSchemas } from './definition.ts';
import { compileResourceTypes, resolveExtension, resolvePath } from './resource-type.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const { user } = compileResourceTypes(readSchemas('scim-schemas'));

/** What a path leads to, as an error would name it. */
const found = (path: string): string | undefined => {
  const target = resolvePath(user, path);
  return target === undefined ? undefined : pathOf(target.sub ?? target.attribute);
};

describe('resolvePath', () => {
  test.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['name.givenName', 'name.givenName'],
    ['emails.Value', 'emails.value'],
    ['emails.$ref', undefined],
    ['groups.$REF', 'groups.$ref'],
    ['meta.lastModified', 'meta.lastModified'],
    [`${CORE}:userName`, 'userName'],
    [`${CORE.toUpperCase()}:NAME.GIVENNAME`, 'name.givenName'],
    [`${ENTERPRISE}:manager`, `${ENTERPRISE}:manager`],
    [`${ENTERPRISE.toUpperCase()}:Manager.VALUE`, `${ENTERPRISE}:manager.value`],
    // Of an extension, with no URN before it; a quirk knows better, this does not.
    ['manager', undefined],
    [`${ENTERPRISE}:userName`, undefined],
    [`${CORE}:manager`, undefined],
    [ENTERPRISE, undefined],
    [`${ENTERPRISE}:`, undefined],
    [`${ENTERPRISE}.manager`, undefined],
    ['urn:ietf:params:scim:schemas:core:2.0:Group:displayName', undefined],
    ['name.givenName.x', undefined],
    ['userName.', undefined],
    ['.userName', undefined],
    ['name.', undefined],
    ['', undefined],
    ['urn:', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
    ['toString', undefined],
    ['name.constructor', undefined],
    ['constructor.name', undefined],
    [`${ENTERPRISE}:__proto__`, undefined],
    ['urn:__proto__:x', undefined],
  ])('%s leads to %s', (path, expected) => {
    expect(found(path)).toBe(expected);
  });

  test('every attribute is found by the path that names it', () => {
    const tables = [user.attributes, ...[...user.extensions.values()].map(({ attributes }) => attributes)];
    const all = tables.flatMap((table) =>
      [...table.values()].flatMap((each) => [each, ...each.subAttributes.values()]),
    );
    expect(all.length).toBeGreaterThan(70);
    for (const attribute of all) expect(found(pathOf(attribute))).toBe(pathOf(attribute));
  });
});

describe('resolveExtension', () => {
  test('finds an extension by its URN in any case, and nothing by another text', () => {
    expect(resolveExtension(user, ENTERPRISE.toUpperCase())?.urn).toBe(ENTERPRISE);
    for (const text of ['', CORE, `${ENTERPRISE}:manager`, '__proto__', 'constructor', 'toString']) {
      expect(resolveExtension(user, text)).toBeUndefined();
    }
  });
});
