import { describe, expect, test } from '@jest/globals';
import { detectNewLocation, type KnownNetwork, type LocationHistory } from './new-location.ts';

const signIn = {
  user: 'u1',
  at: '2026-11-29T09:00:00.000Z',
  network: '203.0.113.0/24',
  device: 'Firefox on Linux',
};
const office: KnownNetwork = {
  network: '198.51.100.0/24',
  device: 'Firefox on Linux',
  firstAt: '2026-10-01T09:00:00.000Z',
  lastAt: '2026-11-28T09:00:00.000Z',
  signIns: 40,
};
const history = (changes: Partial<LocationHistory> = {}): LocationHistory => ({
  known: [office],
  othersFromNetwork: 0,
  failuresBefore: 0,
  allowed: [],
  ...changes,
});

describe('R110 a sign-in from a new location', () => {
  test.each<[string, Partial<LocationHistory>, string | undefined]>([
    ['a new network with a known device is low', {}, 'low'],
    [
      'a new network with a new device is medium',
      { known: [{ ...office, device: 'Safari on iOS' }] },
      'medium',
    ],
    ['a new network after failures is high', { failuresBefore: 3 }, 'high'],
    [
      'a network that the user used before is none',
      { known: [office, { ...office, network: signIn.network }] },
      undefined,
    ],
    [
      'a network that was not used for 90 days is new again',
      { known: [office, { ...office, network: signIn.network, lastAt: '2026-08-01T00:00:00.000Z' }] },
      'low',
    ],
    ['a network from which two others sign in is none', { othersFromNetwork: 2 }, undefined],
    ['a network from which one other signs in is new', { othersFromNetwork: 1 }, 'low'],
    ['a network of the organization is none', { allowed: [signIn.network] }, undefined],
    ['before ten sign-ins the detector learns', { known: [{ ...office, signIns: 9 }] }, undefined],
    [
      'before 14 days the detector learns',
      { known: [{ ...office, firstAt: '2026-11-20T00:00:00.000Z' }] },
      undefined,
    ],
    ['a first sign-in is none', { known: [] }, undefined],
  ])('%s', (_name, changes, severity) => {
    expect(detectNewLocation(signIn, history(changes))?.severity).toBe(severity);
  });

  test('says why and what it was compared with', () => {
    expect(detectNewLocation(signIn, history())?.detail).toMatchObject({
      why: 'A sign-in came from the network 203.0.113.0/24 with a known device (Firefox on Linux).',
      comparedWith: '40 sign-ins from 1 network since 1 October 2026',
    });
  });
});
