import { describe, expect, test } from '@jest/globals';
import { nameFromParts } from './display-name.ts';

describe('A name from its parts', () => {
  test.each<[string, object, string | null]>([
    [
      'is the formatted name',
      { name: { formatted: 'Dr. Ada King', givenName: 'Ada', familyName: 'King' } },
      'Dr. Ada King',
    ],
    ['is the given and the family name', { name: { givenName: 'Ada', familyName: 'King' } }, 'Ada King'],
    ['is the only part there is', { name: { familyName: 'King' } }, 'King'],
    ['is one line', { name: { givenName: 'Ada\n', familyName: ' King' } }, 'Ada King'],
    [
      'passes over a formatted name that is too long',
      { name: { formatted: 'A'.repeat(201), givenName: 'Ada' } },
      'Ada',
    ],
    ['does not exist beside a displayName', { displayName: 'Countess', name: { givenName: 'Ada' } }, null],
    ['does not exist without parts', { name: { honorificPrefix: 'Dr.' } }, null],
    ['does not exist without a name', {}, null],
  ])('%s', (_, profile, text) => {
    expect(nameFromParts(profile as Record<string, unknown>)).toEqual({
      text,
      key: text === null ? null : text.toLowerCase(),
    });
  });
});
