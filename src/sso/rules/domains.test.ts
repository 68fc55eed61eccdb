import { describe, expect, test } from '@jest/globals';
import { domainOf, parseDomain } from './domains.ts';

describe('a domain that an administrator writes', () => {
  test.each([
    ['acme.example', 'acme.example'],
    ['  ACME.Example ', 'acme.example'],
    ['mail.acme.co.uk', 'mail.acme.co.uk'],
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['\uff21\uff23\uff2d\uff25\u3002example', 'acme.example'],
    ['fa\u00df.example', 'xn--fa-hia.example'],
    ['notgmail.com', 'notgmail.com'],
    ['gmail.com.acme.example', 'gmail.com.acme.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('%j is %s', (text, domain) => {
    expect(parseDomain(text)).toEqual({ domain });
  });

  test.each([
    '',
    'acme',
    'localhost',
    'example',
    'acme.example.',
    '.acme.example',
    'acme..example',
    '*.acme.example',
    '*',
    'acme_inc.example',
    '-acme.example',
    'acme-.example',
    '192.0.2.1',
    '\uff11\uff19\uff12.0.2.1',
    '127.1',
    '0x7f.0.0.1',
    '0x7f.1',
    '[::1]',
    '::1',
    'acme.123',
    'https://acme.example',
    'acme.example/path',
    'acme.example:443',
    'somebody@acme.example',
    '@acme.example',
    'www.acme.example',
    'WWW.acme.example',
    'acme%2eexample',
    'acme.example\\x',
    'ac me.example',
    'acme.exam\nple',
    'ac\u00adme.example',
    'ac\u200bme.example',
    'xn--a.example',
    'xn--.example',
    'xn--bcher-kv.example',
    'xn--zzzzzzzzzzzzzzz.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
  ])('%j is not a domain', (text) => {
    expect(parseDomain(text)).toEqual({ problem: 'invalid_domain' });
  });

  test.each(['gmail.com', 'GMail.com', 'googlemail.com', 'outlook.com', 'proton.me', 'web.de'])(
    '%s is everybody’s',
    (text) => {
      expect(parseDomain(text)).toEqual({ problem: 'public_domain' });
    },
  );
});

describe('the domain of an address', () => {
  test.each([
    ['somebody@acme.example', 'acme.example'],
    ['Somebody@ACME.example', 'acme.example'],
    ['somebody@b\u00fccher.example', 'xn--bcher-kva.example'],
    ['somebody@sub.acme.example', 'sub.acme.example'],
    ['somebody@gmail.com', 'gmail.com'],
  ])('%s is %s', (email, domain) => {
    expect(domainOf(email)).toBe(domain);
  });

  test.each([
    undefined,
    '',
    'somebody',
    'somebody@',
    'somebody@acme',
    'somebody@acme.example@other.example',
    'somebody@other.example@acme.example',
    '"a@b"@acme.example',
    'somebody@acme.example.',
    'somebody@ acme.example',
    'somebody@acme.example\n',
    'somebody@acme.example?x',
    'somebody@acme.example#',
    'somebody@[192.0.2.1]',
    'somebody@192.0.2.1',
  ])('%j has none', (email) => {
    expect(domainOf(email)).toBeUndefined();
  });
});
