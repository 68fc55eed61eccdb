import { describe, expect, test } from '@jest/globals';
import { networkOf } from './networks.ts';

describe('networkOf', () => {
  test('takes the addresses of one IPv6 /64 as one, however they are written', () => {
    const same = [
      '2001:db8:0:7::1',
      '2001:0db8:0000:0007:ffff::2',
      '2001:DB8::7:1:2:3:4',
      '2001:db8:0:7:1:2:3:4%eth0',
    ];
    expect(new Set(same.map((ip) => networkOf(ip, 32)))).toEqual(new Set(['2001:db8:0:7::/64']));
    expect(networkOf('2001:db8:0:8::1', 32)).not.toBe(networkOf('2001:db8:0:7::1', 32));
    expect(networkOf('2001:db8:0:8::1', 24, 48)).toBe('2001:db8:0::/48');
    expect(networkOf('2001:db8:0:7::1', 24, 48)).toBe('2001:db8:0::/48');
  });

  test('takes IPv4 by the prefix asked for, also where it is written as IPv6', () => {
    expect(networkOf('192.0.2.7', 32)).toBe('192.0.2.7');
    expect(networkOf('::ffff:192.0.2.7', 32)).toBe('192.0.2.7');
    expect(networkOf('::ffff:192.0.2.7', 24)).toBe(networkOf('192.0.2.250', 24));
    expect(networkOf('192.0.3.7', 24)).not.toBe(networkOf('192.0.2.7', 24));
  });
});
