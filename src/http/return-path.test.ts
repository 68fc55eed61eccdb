import { expect, test } from '@jest/globals';
import { parseReturnPath } from './return-path.ts';

test.each(['/', '/users?q=doe#top', '/users/1', '/a/../b'])('%s leads there', (path) => {
  expect(parseReturnPath(path)).toBe(
    new URL(path, 'https://x.example').href.slice('https://x.example'.length),
  );
});

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '\n/users',
  '/users\r\nSet-Cookie: a=b',
  'javascript:alert(1)',
  'users',
  '',
  undefined,
  `/${'a'.repeat(3_000)}`,
])('%j leads nowhere', (path) => {
  expect(parseReturnPath(path)).toBeUndefined();
});
