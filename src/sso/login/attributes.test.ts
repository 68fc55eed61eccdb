import { describe, expect, test } from '@jest/globals';
import { provisioningShape } from '../settings.ts';
import { type IdpAttribute, mapAttributes, maskAttributes, maskValue } from './attributes.ts';

const settings = (change: object = {}) => provisioningShape.parse({ groupAttribute: 'memberOf', ...change });
const said = (name: string, ...values: string[]): IdpAttribute => ({
  name,
  friendlyName: undefined,
  values,
});

describe('attributes', () => {
  test('R49: the example of the specification', () => {
    const example = [
      said('email', 'user@company.com'),
      said('displayName', 'John Doe'),
      said('memberOf', 'Support Team'),
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
    ['a URN alone', said('urn:oid:0.9.2342.19200300.100.1.3', 'a@b.example'), 'mail'],
    [
      'Entra’s claim',
      said('http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', 'a@b.example'),
      'email',
    ],
    ['another word for the same', said('mail', 'a@b.example'), 'email'],
  ])('R50: an address is found under %s', (_claim, attribute, emailAttribute) => {
    expect(mapAttributes([attribute], settings({ emailAttribute })).email).toBe('a@b.example');
  });

  test('the exact name comes before a friendly name, and that before a word for the same', () => {
    const all = [
      said('mail', 'alias@b.example'),
      { name: 'x', friendlyName: 'email', values: ['friendly@b.example'] },
      said('email', 'exact@b.example'),
    ];
    expect(mapAttributes(all, settings()).email).toBe('exact@b.example');
    expect(mapAttributes(all.slice(0, 2), settings()).email).toBe('friendly@b.example');
    expect(mapAttributes(all.slice(0, 1), settings()).email).toBe('alias@b.example');
  });

  test('a repeated attribute is one, its values merged, as Keycloak sends roles', () => {
    const repeated = [said('memberOf', 'A'), said('memberOf', 'B', 'A')];
    expect(mapAttributes(repeated, settings()).groups).toEqual(['A', 'B']);
  });

  test('two addresses are refused, the same one twice is not', () => {
    expect(() => mapAttributes([said('email', 'a@b.example', 'c@b.example')], settings())).toThrow(
      expect.objectContaining({ reason: 'attribute_ambiguous' }),
    );
    expect(
      mapAttributes([said('email', 'a@b.example'), said('email', 'a@b.example')], settings()).email,
    ).toBe('a@b.example');
  });

  test.each(['\ufeff007', '007\ufeff', '007\u00a0', '\u3000007', '0\u200b07', '0\u202e07', '00\u00ad7'])(
    'Refuses the externalId and the address %j, which look like others',
    (value) => {
      const refused = expect.objectContaining({ reason: 'attribute_ambiguous' });
      expect(() => mapAttributes([said('oid', value)], settings({ externalIdAttribute: 'oid' }))).toThrow(
        refused,
      );
      expect(() =>
        mapAttributes([said('email', `a@b.example${value.replaceAll(/[07]/g, '')}`)], settings()),
      ).toThrow(refused);
    },
  );

  test('Takes away the blanks of XML around an externalId', () => {
    const mapped = mapAttributes([said('oid', ' \r\n\t007 \n')], settings({ externalIdAttribute: 'oid' }));
    expect(mapped.externalId).toBe('007');
  });

  test('an empty address is none', () => {
    expect(mapAttributes([said('email', ' ')], settings()).email).toBeUndefined();
  });

  test('no groups said is not the same as an empty list', () => {
    expect(mapAttributes([], settings()).groups).toBeUndefined();
    expect(mapAttributes([said('memberOf')], settings()).groups).toEqual([]);
    expect(mapAttributes([said('memberOf', 'A')], settings({ groupAttribute: null })).groups).toBeUndefined();
  });

  test('names such as __proto__ are names like any other', () => {
    const odd = [said('__proto__', 'x'), said('constructor', 'y')];
    expect(mapAttributes(odd, settings({ emailAttribute: 'constructor' })).email).toBe('y');
    expect(mapAttributes(odd, settings()).email).toBeUndefined();
  });

  test('a trace shows names and groups, and of the rest what is no secret', () => {
    const masked = maskAttributes(
      [said('email', 'jane@acme.example'), said('memberOf', 'Support Team')],
      settings(),
    );
    expect(masked).toEqual([
      { name: 'email', values: ['j…@acme.example'] },
      { name: 'memberOf', values: ['Support Team'] },
    ]);
    expect(maskValue('Jane Doe')).toBe('J… (8 characters)');
  });
});
