import { expect, test } from '@jest/globals';
import { webAddressProblem } from './web-address.ts';

test.each([
  'https://idp.example.com/sso?app=1',
  'https://idp.intranet:8443/adfs/ls/',
  'http://127.0.0.1:7000/sso',
  'http://localhost/metadata',
])('%s is an address of a provider', (address) => {
  expect(webAddressProblem(address)).toBeUndefined();
});

test.each([
  'idp.example.com',
  '',
  'javascript:alert(1)//https://idp.example.com',
  'data:text/html,https://idp.example.com',
  'http://idp.example.com/sso',
  'http://127.0.0.1.example.com/',
  'http://localhost@idp.example.com/',
  'https://user:password@idp.example.com/',
  'https://idp.example.com/#fragment',
  'https://idp.example.com\\@other.example.com/',
  'java\nscript:alert(1)',
  'https://idp.exam\tple.com/',
  'https://idp\u200b.example.com/',
])('%j is not a web address', (address) => {
  expect(webAddressProblem(address)).toMatch(/^must .*\.$/);
});

test('a rejection of http:// names the setting for a provider on this machine', () => {
  expect(webAddressProblem('http://idp.example.com/')).toBe(
    'must begin with https://; http:// is for a provider on this machine alone, with ALLOW_PRIVATE_PROVIDERS=true.',
  );
  expect(webAddressProblem('ftp://idp.example.com/')).toBe('must begin with https://.');
});
