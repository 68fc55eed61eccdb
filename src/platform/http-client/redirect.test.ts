import { expect, test } from '@jest/globals';
import { OutboundError } from './error.ts';
import { redirectTarget, withoutCredentials } from './redirect.ts';

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
