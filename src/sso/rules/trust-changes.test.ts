import { expect, test } from '@jest/globals';
import { type Trust, widensTrust } from './trust-changes.ts';

const saml: Trust = {
  certificates: ['a', 'b'],
  settings: { entityId: 'https://idp.example', metadataUrl: null, ssoUrl: 'https://idp.example/sso' },
};
const oidc: Trust = { certificates: [], settings: { issuer: 'https://op.example', clientId: 'rollcall' } };
const of = (trust: Trust, settings: Record<string, unknown>): Trust => ({
  ...trust,
  settings: { ...trust.settings, ...settings },
});

test.each<[string, Trust, Trust, boolean]>([
  ['nothing is different', saml, saml, false],
  ['a certificate more', saml, { ...saml, certificates: ['a', 'b', 'c'] }, true],
  ['another certificate for one', saml, { ...saml, certificates: ['a', 'c'] }, true],
  ['a certificate less', saml, { ...saml, certificates: ['a'] }, false],
  ['the same in another order', saml, { ...saml, certificates: ['b', 'a'] }, false],
  ['another entity ID', saml, of(saml, { entityId: 'https://evil.example' }), true],
  ['an address of metadata', saml, of(saml, { metadataUrl: 'https://evil.example/metadata' }), true],
  ['no address of metadata any more', of(saml, { metadataUrl: 'https://idp.example/metadata' }), saml, false],
  ['another address to sign in at', saml, of(saml, { ssoUrl: 'https://idp.example/sso2' }), false],
  ['another issuer', oidc, of(oidc, { issuer: 'https://evil.example' }), true],
  ['another client at the same issuer', oidc, of(oidc, { clientId: 'mine' }), true],
  ['another format of user names', saml, of(saml, { nameIdFormat: 'urn:x' }), true],
  [
    'a required claim less',
    of(oidc, { requiredClaims: [{ claim: 'hd', value: 'a' }] }),
    of(oidc, { requiredClaims: [] }),
    true,
  ],
  ['a required claim more', oidc, of(oidc, { requiredClaims: [{ claim: 'hd', value: 'a' }] }), false],
  ['other scopes', oidc, of(oidc, { scopes: ['openid'] }), false],
])('%s', (_, before, after, expected) => {
  expect(widensTrust(before, after)).toBe(expected);
});
