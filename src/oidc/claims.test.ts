import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasGroupsOverage, mergeUserinfo, readClaims, readEmailVerified, requireClaims } from './claims.ts';

const read = (claims: object) => Object.fromEntries(readClaims(claims as Record<string, unknown>));

describe('readClaims', () => {
  test('makes text of text, numbers and booleans, alone or in an array', () => {
    expect(read({ a: 'x', b: 7, c: false, d: ['x', 1, true], e: '' })).toEqual({
      a: ['x'],
      b: ['7'],
      c: ['false'],
      d: ['x', '1', 'true'],
      e: [''],
    });
  });

  test('tells an empty array from a claim that is not there, and null is not there', () => {
    expect(read({ groups: [], roles: null })).toEqual({ groups: [] });
  });

  test('leaves members of an array out that are no text', () => {
    expect(read({ a: ['x', null, { b: 1 }, ['y']] })).toEqual({ a: ['x'] });
  });

  test('leaves out what no database takes: NUL and halves of surrogate pairs', () => {
    const claims = { a: 'x\0', b: ['\ud800', 'y', '\u{1F600}'], 'c\0': 'z', d: { 'e\udc00': 1, f: '\0' } };
    expect(read(claims)).toEqual({ a: [], b: ['y', '\u{1F600}'], 'd.f': [] });
  });

  test('names the members of an object after it', () => {
    const claims = {
      address: { locality: 'Bern', geo: { lat: 46 } },
      realm_access: { roles: ['admin'] },
      'https://app.example/data': { groups: ['a'] },
    };
    expect(read(claims)).toEqual({
      'address.locality': ['Bern'],
      'address.geo.lat': ['46'],
      'realm_access.roles': ['admin'],
      'https://app.example/data.groups': ['a'],
    });
  });

  test('a member does not take the place of a claim, nor one of another object', () => {
    const claims = {
      a: { b: 'member', 'b.c': 'dotted', b2: { c: 'deep' } },
      'a.b': 'claim',
      'a.b2': { c: 'own' },
    };
    expect(read(claims)).toEqual({ 'a.b': ['claim'], 'a.b2.c': ['own'] });
  });

  test('looks three levels deep', () => {
    expect(read({ a: { b: { c: { d: 1 }, e: 2 }, f: 3 } })).toEqual({
      'a.b.c.d': ['1'],
      'a.b.e': ['2'],
      'a.f': ['3'],
    });
    expect(read({ a: { b: { c: { d: { e: 1 } } } } })).toEqual({});
  });

  test('leaves out what belongs to the protocol, and tokens for other sources', () => {
    const claims = {
      aud: 'x',
      nonce: 'n',
      at_hash: 'h',
      exp: 1,
      _claim_sources: { s: { access_token: 't' } },
    };
    expect(read({ ...claims, sub: 'u' })).toEqual({ sub: ['u'] });
  });

  test('keeps names that objects have of their own', () => {
    const claims = JSON.parse('{"__proto__":"x","constructor":"y","a":{"__proto__":"z"}}') as object;
    expect([...readClaims(claims as Record<string, unknown>)]).toEqual([
      ['__proto__', ['x']],
      ['constructor', ['y']],
      ['a.__proto__', ['z']],
    ]);
  });

  test('takes whatever JSON there is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
        for (const values of readClaims(claims).values()) {
          expect(values.every((value) => typeof value === 'string')).toBe(true);
        }
      }),
    );
  });
});

describe('readEmailVerified', () => {
  test.each([
    [{}, undefined],
    [{ email_verified: null }, undefined],
    [{ email_verified: true }, true],
    [{ email_verified: 'true' }, true],
    [{ email_verified: false }, false],
    [{ email_verified: 'false' }, false],
    [{ email_verified: 'yes' }, false],
    [{ email_verified: ['true'] }, false],
    [{ email_verified: {} }, false],
    [{ xms_edov: true }, true],
    [{ xms_edov: '1' }, true],
    [{ xms_edov: 1 }, true],
    [{ xms_edov: '0' }, false],
    [{ xms_edov: 0 }, false],
    [{ email_verified: false, xms_edov: true }, false],
  ])('%j is %s', (claims, verified) => {
    expect(readEmailVerified(claims)).toBe(verified);
  });
});

describe('hasGroupsOverage', () => {
  test.each([
    [{}, false],
    [{ groups: [] }, false],
    [{ _claim_names: { groups: 'src1' } }, true],
    [{ _claim_names: { address: 'src1' } }, false],
    [{ _claim_names: { teams: 'src1' } }, true],
    [{ _claim_names: 'groups' }, false],
    [{ hasgroups: true }, true],
    [{ hasgroups: 'true' }, true],
    [{ hasgroups: false }, false],
    [{ 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example' }, true],
  ])('%j is %s', (claims, overage) => {
    expect(hasGroupsOverage(claims, 'teams')).toBe(overage);
  });
});

describe('mergeUserinfo', () => {
  test('adds claims that the token does not have', () => {
    expect(mergeUserinfo({ sub: 'u', name: 'A' }, { sub: 'u', name: 'B', locale: 'de' })).toEqual({
      sub: 'u',
      name: 'A',
      locale: 'de',
    });
  });

  test.each([
    ['another address', { email: 'a' }, { email: 'b', email_verified: true }, undefined],
    ['the same address', { email: 'a' }, { email: 'a', email_verified: true }, true],
    ['its own address', {}, { email: 'b', email_verified: true }, true],
    ['its own address, where the token verified none', { email_verified: true }, { email: 'b' }, undefined],
    ['its own address, where Entra verified none', { xms_edov: true }, { email: 'b' }, undefined],
    [
      'the same address, which the token denies',
      { email: 'a', email_verified: false },
      { email: 'a', email_verified: true },
      false,
    ],
    ['no address', { email: 'a' }, { email_verified: true }, undefined],
  ])('userinfo’s %s applies to userinfo’s own address only', (_, token, userinfo, verified) => {
    expect(readEmailVerified(mergeUserinfo(token, userinfo))).toBe(verified);
  });
});

const claims = (entries: Record<string, string[]>) => new Map(Object.entries(entries));

describe('requireClaims', () => {
  test('demands hd of Google, whose consumer accounts have none', () => {
    const google = 'https://accounts.google.com';
    expect(() => requireClaims(google, claims({ sub: ['1'] }), [])).toThrow('hosted_domain_missing');
    expect(() => requireClaims(google, claims({ hd: [''] }), [])).toThrow('hosted_domain_missing');
    requireClaims(google, claims({ hd: ['acme.example'] }), []);
    requireClaims('https://idp.example', claims({}), []);
  });

  test('demands the claims of the settings, each with its value', () => {
    const required = [{ claim: 'tenant', value: 'acme' }];
    expect(() => requireClaims('https://idp.example', claims({}), required)).toThrow(/tenant/);
    expect(() => requireClaims('https://idp.example', claims({ tenant: ['other'] }), required)).toThrow();
    requireClaims('https://idp.example', claims({ tenant: ['other', 'acme'] }), required);
  });
});
