import { describe, expect, test } from '@jest/globals';
import { isPrivateAddress, isPublicAddress, redirectTarget, withoutCredentials } from './addresses.ts';
import { OutboundError } from './error.ts';

describe('isPublicAddress', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '223.255.255.254',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80e::200e',
    '2001:4860:4860::8888',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback, not its first', '127.255.255.254'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private, its end', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT, metadata of Alibaba', '100.100.100.200'],
    ['link-local, metadata of most clouds', '169.254.169.254'],
    ['link-local, metadata of ECS tasks', '169.254.170.2'],
    ['metadata of Oracle, reserved', '192.0.0.192'],
    ['the host of an Azure machine', '168.63.129.16'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relays', '192.88.99.1'],
    ['benchmarks', '198.18.0.1'],
    ['benchmarks, their end', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.250'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['mapped public', '::ffff:8.8.8.8'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['compatible loopback', '::127.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64 of metadata', '64:ff9b::169.254.169.254'],
    ['NAT64, local use', '64:ff9b:1::a00:1'],
    ['6to4 of a private network', '2002:a00:1::1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001:0:53aa:64c:0:fbfe:5fff:fffe'],
    ['ISATAP of a private address', '2606:4700::5efe:10.0.0.1'],
    ['ISATAP, globally unique', '2606:4700::200:5efe:10.0.0.1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['a zone on what would be public', '2606:4700::1111%eth0'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fc00::1'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['metadata of Google', 'fd20:ce::254'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['discard', '100::1'],
    ['benchmarks', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['segment routing', '5f00::1'],
    ['not assigned', '4000::1'],
    ['not assigned', '::2'],
    ['no address', 'example.com'],
    ['no address', ''],
    ['octal', '0177.0.0.1'],
    ['two parts', '127.1'],
    ['one number', '2130706433'],
    ['hexadecimal', '0x7f000001'],
    ['brackets', '[2606:4700:4700::1111]'],
    ['blanks', ' 8.8.8.8'],
  ])('%s: %s is not', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('isPrivateAddress', () => {
  test.each(['127.0.0.1', '10.0.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '::1', 'fd12:3456::1'])(
    "%s is of one's own network",
    (address) => {
      expect(isPrivateAddress(address)).toBe(true);
    },
  );

  test.each([
    ['public', '8.8.8.8'],
    ['link-local, metadata of most clouds', '169.254.169.254'],
    ['mapped metadata', '::ffff:169.254.169.254'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['NAT64 of metadata', '64:ff9b::169.254.169.254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['metadata of AWS, written out', 'fd00:0ec2:0::0254'],
    ['metadata of Google', 'fd20:ce::254'],
    ['the host of an Azure machine', '168.63.129.16'],
    ['link-local', 'fe80::1'],
    ['unspecified', '0.0.0.0'],
    ['multicast', '224.0.0.1'],
    ['no address', 'localhost'],
  ])('%s: %s is not', (_, address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

test.each([
  ['/b?c', 'https://a.example/x', 'https://a.example/b?c'],
  ['//b.example/', 'https://a.example/x', 'https://b.example/'],
  ['https://b.example/', 'http://a.example/', 'https://b.example/'],
  ['http://b.example/', 'http://a.example/', 'http://b.example/'],
])('%s from %s leads to %s', (location, from, to) => {
  expect(redirectTarget(location, from).href).toBe(to);
});

test.each(['http://a.example/', 'HTTP://a.example/', 'ftp://a.example/', 'data:,x'])(
  'from https:// nothing leads down to %s',
  (location) => {
    for (const from of ['https://a.example/', 'HTTPS://a.example/']) {
      expect(() => redirectTarget(location, from)).toThrow(OutboundError);
    }
  },
);

test('credentials are left behind, however they are written', () => {
  expect(withoutCredentials({ AUTHORIZATION: 'x', cookie: 'y', Accept: 'z' })).toEqual({ Accept: 'z' });
});
