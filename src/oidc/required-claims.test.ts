import { describe, expect, test } from '@jest/globals';
import { requireClaims } from './claims.ts';

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
