import { describe, expect, test } from '@jest/globals';
import { isInNetworks, isNetwork } from './networks.ts';

describe('an address is in a network', () => {
  test.each([
    ['198.51.100.7', '198.51.100.0/24', true],
    ['198.51.103.7', '198.51.100.0/22', true],
    ['198.51.104.7', '198.51.100.0/22', false],
    ['198.51.100.7', '198.51.100.7', true],
    ['198.51.100.8', '198.51.100.7', false],
    ['::ffff:198.51.100.7', '198.51.100.0/24', true],
    ['2001:db8:1:ff::1', '2001:db8:1::/48', true],
    ['2001:DB8:2::1', '2001:db8:1::/48', false],
    ['2001:db8:1::1%eth0', '2001:db8:1::/48', true],
    ['198.51.100.7', '::/0', false],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['not an address', '0.0.0.0/0', false],
    ['198.51.100.7', 'the office', false],
  ])('%s in %s: %s', (ip, network, is) => {
    expect(isInNetworks(ip, ['192.0.2.0/30', network])).toBe(is);
  });

  test.each([
    ['198.51.100.0/24', true],
    ['2001:db8::/32', true],
    ['198.51.100.7', true],
    ['198.51.100.0/33', false],
    ['198.51.100.0-198.51.100.9', false],
    ['office', false],
    ['10.1', false],
    ['0x7f.0.0.1', false],
    ['1', false],
    ['fe80::1%eth0', false],
    ['10.0.0.0/8/8', false],
    ['10.0.0.0/', false],
    ['', false],
  ])('%s is a network: %s', (text, is) => {
    expect(isNetwork(text)).toBe(is);
  });
});
