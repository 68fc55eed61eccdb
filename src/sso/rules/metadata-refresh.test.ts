import { expect, test } from '@jest/globals';
import {
  compareMetadata,
  type MetadataChanges,
  type ProviderDescription,
  refreshIn,
  type TrustedCertificate,
} from './metadata-refresh.ts';

type Published = { readonly fingerprint: string };
type Current = ProviderDescription<TrustedCertificate>;
type Fresh = ProviderDescription<Published>;
type Changes = MetadataChanges<Published>;

const used = new Date('2026-11-26T12:00:00Z');
const a: TrustedCertificate = { fingerprint: 'a', source: 'metadata', lastUsedAt: used };
const b: TrustedCertificate = { fingerprint: 'b', source: 'metadata', lastUsedAt: undefined };
const uploaded: TrustedCertificate = { fingerprint: 'u', source: 'upload', lastUsedAt: undefined };

const SSO = 'https://idp.example/sso';
const SLO = 'https://idp.example/slo';
const facts = {
  entityId: 'urn:idp',
  ssoUrl: SSO,
  ssoBinding: 'redirect',
  sloUrl: SLO,
  sloBinding: 'redirect',
  sloResponseUrl: undefined,
} as const;

const published = (...names: string[]) => ({ certificates: names.map((fingerprint) => ({ fingerprint })) });
const trusts = (...certificates: TrustedCertificate[]) => ({ certificates });

interface Case {
  readonly claim: string;
  readonly current?: Partial<Current>;
  readonly fresh?: Partial<Fresh>;
  readonly apply?: Changes;
  readonly staged?: Changes;
}

const cases: readonly Case[] = [
  { claim: 'nothing changed: nothing happens' },

  // Certificates
  {
    claim: 'a new certificate is trusted beside the old one',
    fresh: published('a', 'b'),
    apply: { addCertificates: [{ fingerprint: 'b' }] },
  },
  {
    claim: 'the last one that works stays until an administrator agrees, whatever is new',
    fresh: published('b'),
    apply: { addCertificates: [{ fingerprint: 'b' }] },
    staged: { removeCertificates: ['a'] },
  },
  {
    claim: 'a day later the new one is known but has not worked yet: still staged',
    current: trusts(a, b),
    fresh: published('b'),
    staged: { removeCertificates: ['a'] },
  },
  {
    claim: 'once the new one has worked, the old one goes by itself',
    current: trusts(a, { ...b, lastUsedAt: used }),
    fresh: published('b'),
    apply: { removeCertificates: ['a'] },
  },
  {
    claim: 'one that was never used goes by itself beside one that works',
    current: trusts(a, b),
    fresh: published('a'),
    apply: { removeCertificates: ['b'] },
  },
  {
    claim: 'where none has worked yet, none goes by itself',
    current: trusts({ ...a, lastUsedAt: undefined }, b),
    fresh: published('b'),
    staged: { removeCertificates: ['a'] },
  },
  {
    claim: 'what an administrator uploaded is not removed, nor staged to be',
    current: trusts(a, uploaded),
  },
  {
    claim: 'an unused upload does not replace the last certificate that has verified a sign-in',
    current: trusts(a, uploaded),
    fresh: published('c'),
    apply: { addCertificates: [{ fingerprint: 'c' }] },
    staged: { removeCertificates: ['a'] },
  },
  {
    claim: 'an upload that works does',
    current: trusts(a, { ...uploaded, lastUsedAt: used }),
    fresh: published('c'),
    apply: { addCertificates: [{ fingerprint: 'c' }], removeCertificates: ['a'] },
  },
  {
    claim: 'an uploaded certificate that is published too is not added again',
    current: trusts(a, uploaded),
    fresh: published('a', 'u'),
  },

  // Sign-in
  {
    claim: 'another path on the same host is followed',
    fresh: { ssoUrl: 'https://idp.example/v2/sso?a=1' },
    apply: { sso: { url: 'https://idp.example/v2/sso?a=1', binding: 'redirect' } },
  },
  {
    claim: 'another binding on the same host is followed',
    fresh: { ssoBinding: 'post' },
    apply: { sso: { url: SSO, binding: 'post' } },
  },
  ...[
    'https://evil.example/sso',
    'https://idp.example.evil.example/sso',
    'https://idp.example:8443/sso',
    'http://idp.example/sso',
    'https://idp.example@evil.example/sso',
    'no URL',
  ].map((ssoUrl) => ({
    claim: `users are not sent to ${ssoUrl} before an administrator agrees`,
    fresh: { ssoUrl, ...published('a', 'b') },
    apply: { addCertificates: [{ fingerprint: 'b' }] },
    staged: { sso: { url: ssoUrl, binding: 'redirect' as const } },
  })),
  {
    claim: 'a host in capitals is the same host',
    fresh: { ssoUrl: 'https://IDP.example/sso' },
    apply: { sso: { url: 'https://IDP.example/sso', binding: 'redirect' } },
  },

  // Logout
  {
    claim: 'another path for logout is followed',
    fresh: { sloUrl: `${SLO}/2`, sloResponseUrl: `${SLO}/done` },
    apply: { slo: { url: `${SLO}/2`, binding: 'redirect', responseUrl: `${SLO}/done` } },
  },
  {
    claim: 'another host for logout is staged',
    fresh: { sloUrl: 'https://evil.example/slo' },
    staged: { slo: { url: 'https://evil.example/slo', binding: 'redirect', responseUrl: undefined } },
  },
  {
    claim: 'another host for the answers alone is staged',
    fresh: { sloResponseUrl: 'https://evil.example/slo' },
    staged: { slo: { url: SLO, binding: 'redirect', responseUrl: 'https://evil.example/slo' } },
  },
  {
    claim: 'logout that moves to forms is applied',
    fresh: { sloBinding: 'post' },
    apply: { slo: { url: SLO, binding: 'post', responseUrl: undefined } },
  },
  {
    claim: 'the logout binding is ignored where there is no logout',
    current: { sloUrl: undefined, sloBinding: 'post' },
    fresh: { sloUrl: undefined, sloBinding: undefined },
  },
  {
    claim: 'logout that goes away is staged: sessions at the provider would outlive ours',
    fresh: { sloUrl: undefined },
    staged: { slo: null },
  },
  {
    claim: 'new logout endpoints are applied where users sign in',
    current: { sloUrl: undefined },
    apply: { slo: { url: SLO, binding: 'redirect', responseUrl: undefined } },
  },
  {
    claim: 'logout that is new is staged elsewhere',
    current: { sloUrl: undefined },
    fresh: { sloUrl: 'https://logout.example/' },
    staged: { slo: { url: 'https://logout.example/', binding: 'redirect', responseUrl: undefined } },
  },

  // Identity
  {
    claim: 'another entity ID stages everything, certificates too: it is another provider',
    fresh: {
      entityId: 'urn:other',
      ssoUrl: `${SSO}/2`,
      sloUrl: `${SLO}/2`,
      ...published('b'),
    },
    staged: {
      entityId: 'urn:other',
      sso: { url: `${SSO}/2`, binding: 'redirect' },
      slo: { url: `${SLO}/2`, binding: 'redirect', responseUrl: undefined },
      addCertificates: [{ fingerprint: 'b' }],
      removeCertificates: ['a'],
    },
  },
  {
    claim: 'an entity ID in capitals is another one',
    fresh: { entityId: 'URN:IDP' },
    staged: { entityId: 'URN:IDP' },
  },
];

test.each(cases)('$claim', ({ current, fresh, apply = {}, staged = {} }) => {
  expect(
    compareMetadata<Published>(
      { ...facts, ...trusts(a), ...current },
      { ...facts, ...published('a'), ...fresh },
    ),
  ).toEqual({ apply, staged });
});

test('a certificate that is added comes with all that is known of it', () => {
  const fresh = { ...facts, certificates: [{ fingerprint: 'b', pem: 'PEM', subject: 'CN=b' }] };
  const { apply } = compareMetadata({ ...facts, ...trusts(a) }, fresh);
  expect(apply.addCertificates).toEqual([{ fingerprint: 'b', pem: 'PEM', subject: 'CN=b' }]);
});

const HOUR = 3_600;

test.each([
  ['does not mention it', undefined, undefined, 24 * HOUR],
  ['may be kept for six hours', 6 * HOUR, undefined, 6 * HOUR],
  ['may be kept for a month', 30 * 24 * HOUR, undefined, 24 * HOUR],
  ['may not be kept at all', 0, undefined, HOUR],
  ['expires in three hours', undefined, '2026-11-26T15:00:00.500Z', 3 * HOUR],
  ['expires in a year', 2 * HOUR, '2027-11-26T12:00:00Z', 2 * HOUR],
  ['expires immediately', undefined, '2026-11-26T12:00:01Z', HOUR],
])('metadata that %s is read again in time, and never in haste', (_, cacheDuration, validUntil, seconds) => {
  expect(refreshIn({ cacheDuration, validUntil }, used)).toBe(seconds);
});
