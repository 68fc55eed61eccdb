import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSchemas } from './definition.ts';
import { compileResourceTypes } from './resource-type.ts';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-schemas-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, content: unknown) =>
  writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
const schema = (attributes: unknown, rest: object = {}) => ({
  schemas: [SCHEMA],
  id: 'urn:acme:User',
  name: 'Acme',
  attributes,
  ...rest,
});
const attribute = (rest: object = {}) => ({ name: 'badge', type: 'string', ...rest });

describe('readSchemas', () => {
  test('fills in the characteristics that RFC 7643 §2.2 gives an attribute by default', () => {
    write('acme.json', schema([attribute()]));
    expect(readSchemas(folder)).toEqual([
      expect.objectContaining({
        id: 'urn:acme:User',
        description: '',
        attributes: [
          {
            name: 'badge',
            type: 'string',
            multiValued: false,
            description: '',
            required: false,
            mutability: 'readWrite',
            returned: 'default',
          },
        ],
      }),
    ]);
  });

  test('reads *.json in the order of their names, and nothing else', () => {
    write('b.json', schema([attribute()], { id: 'urn:b:User' }));
    write('a.json', schema([attribute()], { id: 'urn:a:Group' }));
    write('README.md', 'not a schema');
    expect(readSchemas(folder).map(({ id }) => id)).toEqual(['urn:a:Group', 'urn:b:User']);
  });

  test.each([
    ['is not JSON', '{"schemas": [', /^scim-schemas\/acme\.json is not JSON: /],
    ['is an array', [], /the file: /],
    ['has no id', schema([attribute()], { id: undefined }), /id: /],
    [
      'has an id that is no URN',
      schema([attribute()], { id: 'https://acme.example/User' }),
      /id: must be a URN/,
    ],
    ['has an id with a space', schema([attribute()], { id: 'urn:acme:a b:User' }), /id: must be a URN/],
    ['has no name', schema([attribute()], { name: '' }), /name: /],
    ['has other schemas', schema([attribute()], { schemas: ['urn:x'] }), /schemas\.0: /],
    ['has no attributes', schema([]), /attributes: /],
    ['has an unknown member', schema([attribute()], { extends: 'User' }), /extends/],
    [
      'has a misspelled characteristic',
      schema([attribute({ multivalued: true })]),
      /attributes\.0: .*multivalued/,
    ],
    ['has an unknown type', schema([attribute({ type: 'text' })]), /attributes\.0/],
    ['has an unknown mutability', schema([attribute({ mutability: 'read' })]), /attributes\.0\.mutability/],
    ['has an unknown returned', schema([attribute({ returned: 'sometimes' })]), /attributes\.0\.returned/],
    ['has a string for a boolean', schema([attribute({ required: 'true' })]), /attributes\.0\.required/],
    [
      'has a complex attribute without sub-attributes',
      schema([attribute({ type: 'complex' })]),
      /subAttributes/,
    ],
    [
      'has an empty complex attribute',
      schema([attribute({ type: 'complex', subAttributes: [] })]),
      /subAttributes/,
    ],
    [
      'has a simple attribute with sub-attributes',
      schema([attribute({ subAttributes: [attribute()] })]),
      /subAttributes/,
    ],
    [
      'nests complex attributes (erratum 8415)',
      schema([
        attribute({
          type: 'complex',
          subAttributes: [attribute({ type: 'complex', subAttributes: [attribute()] })],
        }),
      ]),
      /attributes\.0\.subAttributes\.0/,
    ],
  ])('refuses a file that %s, and names the file and the place', (_, content, message) => {
    write('acme.json', content);
    expect(() => readSchemas(folder)).toThrow(message);
    expect(() => readSchemas(folder)).toThrow(/^scim-schemas\/acme\.json/);
  });

  test.each(['', '1st', 'a b', 'a.b', 'a:b', 'a[b]', "a'b", 'a"b', '$x', 'é', '_a'])(
    'refuses the attribute name %j',
    (name) => {
      write('acme.json', schema([attribute({ name })]));
      expect(() => readSchemas(folder)).toThrow(/attributes\.0\.name: must start with a letter/);
    },
  );

  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'toLocaleString'])(
    'refuses the attribute name %s, which every JavaScript object has',
    (name) => {
      write('acme.json', schema([attribute({ name })]));
      expect(() => readSchemas(folder)).toThrow('is a name that JavaScript objects reserve');
      write('acme.json', schema([attribute({ type: 'complex', subAttributes: [attribute({ name })] })]));
      expect(() => readSchemas(folder)).toThrow('is a name that JavaScript objects reserve');
    },
  );

  test('rejects what can only be written and yet would be returned (RFC 7643 §7)', () => {
    write('acme.json', schema([attribute({ mutability: 'writeOnly' })]));
    expect(() => readSchemas(folder)).toThrow(
      'attributes.0.returned: must be "never" for what can only be written',
    );
    write('acme.json', schema([attribute({ mutability: 'writeOnly', returned: 'never' })]));
    expect(() => readSchemas(folder)).not.toThrow();
  });

  test('reports all problems of a file together', () => {
    write('acme.json', schema([attribute({ type: 'text' }), attribute({ name: '1st' })], { name: '' }));
    expect(() => readSchemas(folder)).toThrow(/name: .*attributes\.0.*attributes\.1\.name/);
  });

  test('rejects two files with one id, whatever its case', () => {
    write('a.json', schema([attribute()]));
    write('b.json', schema([attribute()], { id: 'URN:ACME:User' }));
    expect(() => readSchemas(folder)).toThrow('scim-schemas/b.json: a.json already has the id URN:ACME:User');
  });

  test('rejects two attributes with one name, whatever its case', () => {
    write('acme.json', schema([attribute(), attribute({ name: 'BADGE', type: 'integer' })]));
    expect(() => readSchemas(folder)).toThrow(/^scim-schemas\/acme\.json.*BADGE/);
    write(
      'acme.json',
      schema([attribute({ type: 'complex', subAttributes: [attribute(), attribute({ name: 'Badge' })] })]),
    );
    expect(() => readSchemas(folder)).toThrow(/^scim-schemas\/acme\.json.*Badge/);
  });
});

describe('compileResourceTypes', () => {
  const core = readSchemas('scim-schemas');

  test.each(['urn:acme:Robot', 'urn:acme', 'urn:acme:User:2.0', 'urn:acme:user'])(
    'rejects the id %s, which does not name what it extends',
    (id) => {
      expect(() =>
        compileResourceTypes([...core, { id, name: 'x', description: '', attributes: [] }]),
      ).toThrow(`The schema ${id} extends nothing`);
    },
  );

  test('does not start without the core schemas', () => {
    expect(() => compileResourceTypes([])).toThrow('has no file for the core schema of User');
    expect(() => compileResourceTypes(core.filter(({ name }) => name !== 'Group'))).toThrow(
      'has no file for the core schema of Group',
    );
  });

  test('an extension extends the type that ends its id, and no other', () => {
    const { user, group } = compileResourceTypes([
      ...core,
      { id: 'urn:acme:Group', name: 'Acme', description: '', attributes: [] },
    ]);
    expect([...group.extensions.keys()]).toEqual(['urn:acme:group']);
    expect([...user.extensions.keys()]).toEqual([
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user',
    ]);
  });
});
