import { expect, test } from '@jest/globals';
import { presentableName } from './presentable.ts';

test.each([
  ['a plain name stays', 'Jane Doe', 'Jane Doe'],
  ['blanks around and within are one', '  Jane \t Doe ', 'Jane Doe'],
  ['marks that change the direction of text are removed', 'Jane \u202Eeod\u202C', 'Jane eod'],
  ['isolates, too', '\u2067admin\u2069', 'admin'],
  ['control characters are removed', 'Jane\u0000\r\nDoe', 'Jane Doe'],
  ['right-to-left names stay as they are', 'يوسف', 'يوسف'],
  ['joiners that scripts need stay', 'می\u200Cخواهم', 'می\u200Cخواهم'],
  ['a name of 1 MB is rejected', 'J'.repeat(1024 * 1024), undefined],
  ['a name of 257 characters is rejected', 'J'.repeat(257), undefined],
  ['blanks alone are not a name', ' \u202E ', undefined],
  ['an empty text is not a name', undefined, undefined],
])('%s', (_claim, given, expected) => {
  expect(presentableName(given)).toBe(expected);
});
