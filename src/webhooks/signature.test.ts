import { expect, test } from '@jest/globals';
import { signMessage } from './signature.ts';

// Computed apart from this code: printf '%s' 'msg_1.1674087231.{"a":"ü"}' | openssl dgst -sha256 -hmac … -binary | base64
const EXPECTED = 'v1,YA0MnmSIe9/hKvQuBachZ4im13oCWPoiQJkO5egUREs=';
const key = Buffer.from('012345678901234567890123');

test('signs id, time and body as another implementation does', () => {
  expect(signMessage([key], 'msg_1', 1_674_087_231, '{"a":"ü"}')).toBe(EXPECTED);
});

test('gives a signature for each key, with a blank between them', () => {
  const both = signMessage(
    [Buffer.from('another key of 24 bytes.'), key],
    'msg_1',
    1_674_087_231,
    '{"a":"ü"}',
  );
  expect(both.split(' ')).toEqual([expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/), EXPECTED]);
});
