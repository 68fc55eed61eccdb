import { describe, expect, test } from '@jest/globals';
import type { Location } from '../../platform/locations/location.ts';
import { detectNewLocation, type KnownNetwork, type LocationHistory } from './new-location.ts';

const signIn = {
  user: 'u1',
  at: '2026-11-29T09:00:00.000Z',
  network: '203.0.113.0/24',
  device: 'Firefox on Linux',
  location: undefined,
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
  isAllowed: false,
  locate: () => undefined,
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
      'a network that the user used before opens no alert',
      { known: [office, { ...office, network: signIn.network }] },
      undefined,
    ],
    [
      'a network that was not used for 90 days is new again',
      { known: [office, { ...office, network: signIn.network, lastAt: '2026-08-01T00:00:00.000Z' }] },
      'low',
    ],
    ['a network from which two others sign in opens no alert', { othersFromNetwork: 2 }, undefined],
    ['a network from which one other signs in is new', { othersFromNetwork: 1 }, 'low'],
    ['a network of the organization opens no alert', { isAllowed: true }, undefined],
    ['before ten sign-ins the detector learns', { known: [{ ...office, signIns: 9 }] }, undefined],
    [
      'before 14 days the detector learns',
      { known: [{ ...office, firstAt: '2026-11-20T00:00:00.000Z' }] },
      undefined,
    ],
    ['a first sign-in opens no alert', { known: [] }, undefined],
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

const telekom: Location = { country: 'DE', asn: 3320, asnName: 'Deutsche Telekom AG' };
const vodafone: Location = { country: 'DE', asn: 3209, asnName: undefined };
const orange: Location = { country: 'FR', asn: 3215, asnName: 'Orange' };
const german = { country: 'DE', asn: undefined, asnName: undefined };
const french = { country: 'FR', asn: undefined, asnName: undefined };
const unnamed: Location = { country: undefined, asn: 3320, asnName: undefined };

describe('R110 with files of countries and AS numbers, a sign-in from a new network', () => {
  const old = { ...office, network: '192.0.2.0/24', lastAt: '2026-08-01T00:00:00.000Z' };
  const second = { ...office, network: '192.0.2.0/24', signIns: 5 };
  const phone = { ...office, device: 'Safari on iOS' };
  test.each<
    [
      string,
      Location | undefined,
      Readonly<Record<string, Location>>,
      Partial<LocationHistory>,
      string | undefined,
    ]
  >([
    [
      'of the same country and AS number opens no alert',
      telekom,
      { [office.network]: telekom },
      {},
      undefined,
    ],
    [
      'with a new device opens no alert',
      telekom,
      { [office.network]: telekom },
      { known: [phone] },
      undefined,
    ],
    [
      'after a mistyped password opens no alert',
      telekom,
      { [office.network]: telekom },
      { failuresBefore: 1 },
      undefined,
    ],
    [
      'after failures with a new device is high, also in the same country and AS',
      telekom,
      { [office.network]: telekom },
      { known: [phone], failuresBefore: 1 },
      'high',
    ],
    ['of another AS in the same country is low', vodafone, { [office.network]: telekom }, {}, 'low'],
    ['of another country is medium', orange, { [office.network]: telekom }, {}, 'medium'],
    [
      'of another country after failures is high',
      orange,
      { [office.network]: telekom },
      { failuresBefore: 2 },
      'high',
    ],
    [
      'whose country and AS are those of two other networks opens no alert',
      { country: 'DE', asn: 3215, asnName: undefined },
      { [office.network]: telekom, [second.network]: orange },
      { known: [office, second] },
      undefined,
    ],
    [
      'of a country that was last seen 90 days ago is medium',
      orange,
      { [office.network]: telekom, [old.network]: orange },
      { known: [office, old] },
      'medium',
    ],
    ['whose place is unknown is low', undefined, { [office.network]: telekom }, {}, 'low'],
    ['where no known network has a place is low', orange, {}, {}, 'low'],
    ['whose country alone is known, and seen, is low', german, { [office.network]: german }, {}, 'low'],
    ['whose country alone is known, and new, is medium', french, { [office.network]: german }, {}, 'medium'],
    ['whose AS number alone is known, and seen, is low', unnamed, { [office.network]: telekom }, {}, 'low'],
    [
      'where a part of the known networks has a place is compared with those',
      telekom,
      { [second.network]: telekom },
      { known: [office, second] },
      undefined,
    ],
  ])('%s', (_name, location, places, changes, severity) => {
    const locate = (network: string) => places[network];
    expect(detectNewLocation({ ...signIn, location }, history({ locate, ...changes }))?.severity).toBe(
      severity,
    );
  });

  const detailOf = (location: Location, places: Readonly<Record<string, Location>>, known = [office]) =>
    detectNewLocation({ ...signIn, location }, history({ locate: (network) => places[network], known }))
      ?.detail;

  test('says where it came from, what is new, and what is usual', () => {
    const places = { [office.network]: telekom, [second.network]: orange };
    const swiss = { country: 'CH', asn: 3303, asnName: 'Swisscom' };
    expect(detailOf(swiss, places, [second, office])).toMatchObject({
      why: 'A sign-in came from the network 203.0.113.0/24 (Switzerland, AS3303 Swisscom) with a known device (Firefox on Linux). The country and the AS number are new for this account; usual is Germany, AS3320 Deutsche Telekom AG.',
      country: 'CH',
      newCountry: true,
      asn: 3303,
      asnName: 'Swisscom',
      newAsn: true,
      usualLocation: 'Germany, AS3320 Deutsche Telekom AG',
    });
    expect(detailOf(vodafone, places)?.why).toBe(
      'A sign-in came from the network 203.0.113.0/24 (Germany, AS3209) with a known device (Firefox on Linux). The AS number is new for this account; usual is Germany, AS3320 Deutsche Telekom AG.',
    );
  });

  test('looks for no place where the network is known', () => {
    const locate = () => {
      throw new Error('It was looked for.');
    };
    const known = [office, { ...office, network: signIn.network }];
    expect(detectNewLocation(signIn, history({ known, locate }))).toBeUndefined();
  });
});
