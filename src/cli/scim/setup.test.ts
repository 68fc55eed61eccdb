import { expect, test } from '@jest/globals';
import { describeSetup, providerOf } from './setup.ts';

test.each([
  ['okta', 'Contoso', 'okta'],
  ['okta', 'Entra ID', 'okta'],
  [undefined, 'Production Okta', 'okta'],
  [undefined, 'OKTA-2', 'okta'],
  [undefined, 'Entra ID', 'entra'],
  [undefined, 'Contoso (Azure AD)', 'entra'],
  [undefined, 'Microsoft 365', 'entra'],
  [undefined, 'Okta to Entra ID', undefined],
  [undefined, 'HR', undefined],
  [undefined, 'central', undefined],
] as const)('--for %s and the name "%s" mean %s', (given, name, provider) => {
  expect(providerOf(given, name)).toBe(provider);
});

test('each provider is described alone, and all where it is not known', () => {
  const screens = (provider: 'okta' | 'entra' | undefined) =>
    describeSetup('https://a.example/scim/v2', provider).filter((line) => line.includes(':'));
  expect(screens('okta').join()).not.toContain('Entra');
  expect(screens('entra').join()).not.toContain('Okta');
  expect(screens(undefined).join()).toMatch(/Okta: .*Microsoft Entra ID: .*Other providers: /);
});
