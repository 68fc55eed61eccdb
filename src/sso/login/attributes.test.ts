import { describe, expect, test } from '@jest/globals';
import { provisioningShape } from '../settings.ts';
import { type IdpAttribute, mapAttributes, maskAttributes, maskValue } from './attributes.ts';

const settings = (change: object = {}) => provisioningShape.parse({ groupAttribute: 'memberOf', ...change });
const present = (name: string, ...values: string[]): IdpAttribute => ({
  name,
  friendlyName: undefined,
  values,
});

describe('attributes', () => {
  test('R49: the example of the specification', () => {
    const example = [
      present('email', 'user@company.com'),
      present('displayName', 'John Doe'),
      present('memberOf', 'Support Team'),
    ];
    expect(mapAttributes(example, settings())).toEqual({
      email: 'user@company.com',
      name: 'John Doe',
      externalId: undefined,
      groups: ['Support Team'],
    });
  });

  test.each([
    [
      'a URN with a friendly name',
      { name: 'urn:oid:1.2.3', friendlyName: 'mail', values: ['a@b.example'] },
      'mail',
    ],
    ['a URN alone', present('urn:oid:0.9.2342.19200300.100.1.3', 'a@b.example'), 'mail'],
    [
      'Entra’s claim',
      present('http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', 'a@b.example'),
      'email',
    ],
    ['another word for the same', present('mail', 'a@b.example'), 'email'],
  ])('R50: an address is found under %s', (_claim, attribute, emailAttribute) => {
    expect(mapAttributes([attribute], settings({ emailAttribute })).email).toBe('a@b.example');
  });

  test('the exact name comes before a friendly name, and that before a word for the same', () => {
    const all = [
      present('mail', 'alias@b.example'),
      { name: 'x', friendlyName: 'email', values: ['friendly@b.example'] },
      present('email', 'exact@b.example'),
    ];
    expect(mapAttributes(all, settings()).email).toBe('exact@b.example');
    expect(mapAttributes(all.slice(0, 2), settings()).email).toBe('friendly@b.example');
    expect(mapAttributes(all.slice(0, 1), settings()).email).toBe('alias@b.example');
  });

  test('a repeated attribute is one, its values merged, as Keycloak sends roles', () => {
    const repeated = [present('memberOf', 'A'), present('memberOf', 'B', 'A')];
    expect(mapAttributes(repeated, settings()).groups).toEqual(['A', 'B']);
  });

  test('two addresses are rejected, the same one twice is not', () => {
    expect(() => mapAttributes([present('email', 'a@b.example', 'c@b.example')], settings())).toThrow(
      expect.objectContaining({ reason: 'attribute_ambiguous' }),
    );
    expect(
      mapAttributes([present('email', 'a@b.example'), present('email', 'a@b.example')], settings()).email,
    ).toBe('a@b.example');
  });

  test.each(['\ufeff007', '007\ufeff', '007\u00a0', '\u3000007', '0\u200b07', '0\u202e07', '00\u00ad7'])(
    'Refuses the externalId and the address %j, which look like others',
    (value) => {
      const refused = expect.objectContaining({ reason: 'attribute_ambiguous' });
      expect(() => mapAttributes([present('oid', value)], settings({ externalIdAttribute: 'oid' }))).toThrow(
        refused,
      );
      expect(() =>
        mapAttributes([present('email', `a@b.example${value.replaceAll(/[07]/g, '')}`)], settings()),
      ).toThrow(refused);
    },
  );

  test('Takes away the blanks of XML around an externalId', () => {
    const mapped = mapAttributes([present('oid', ' \r\n\t007 \n')], settings({ externalIdAttribute: 'oid' }));
    expect(mapped.externalId).toBe('007');
  });

  test('an empty address is treated as missing', () => {
    expect(mapAttributes([present('email', ' ')], settings()).email).toBeUndefined();
  });

  test('missing groups are not the same as an empty list', () => {
    expect(mapAttributes([], settings()).groups).toBeUndefined();
    expect(mapAttributes([present('memberOf')], settings()).groups).toEqual([]);
    expect(
      mapAttributes([present('memberOf', 'A')], settings({ groupAttribute: null })).groups,
    ).toBeUndefined();
  });

  test('names such as __proto__ are names like any other', () => {
    const odd = [present('__proto__', 'x'), present('constructor', 'y')];
    expect(mapAttributes(odd, settings({ emailAttribute: 'constructor' })).email).toBe('y');
    expect(mapAttributes(odd, settings()).email).toBeUndefined();
  });

  test('a trace shows names and groups, and of the rest what is no secret', () => {
    const masked = maskAttributes(
      [present('email', 'jane@acme.example'), present('memberOf', 'Support Team'), present('city', 'Oslo')],
      settings(),
    );
    expect(masked).toEqual([
      { name: 'email', values: ['j…@acme.example'], usedAs: ['email'] },
      { name: 'memberOf', values: ['Support Team'], usedAs: ['groups'] },
      { name: 'city', values: ['O… (4 characters)'] },
    ]);
    expect(maskValue('Jane Doe')).toBe('J… (8 characters)');
  });
});
