import { expect, test } from '@jest/globals';
import { presentableName } from './presentable.ts';

test.each([
  ['a plain name stays', 'Jane Doe', 'Jane Doe'],
  ['blanks around and within are one', '  Jane \t Doe ', 'Jane Doe'],
  ['marks that turn the direction of text are taken out', 'Jane \u202Eeod\u202C', 'Jane eod'],
  ['isolates, too', '\u2067admin\u2069', 'admin'],
  ['control characters are taken out', 'Jane\u0000\r\nDoe', 'Jane Doe'],
  ['right-to-left names stay as they are', 'يوسف', 'يوسف'],
  ['joiners that scripts need stay', 'می\u200Cخواهم', 'می\u200Cخواهم'],
  ['a name of 1 MB is none', 'J'.repeat(1024 * 1024), undefined],
  ['a name of 257 characters is none', 'J'.repeat(257), undefined],
  ['blanks alone are none', ' \u202E ', undefined],
  ['nothing is none', undefined, undefined],
])('%s', (_claim, given, expected) => {
  expect(presentableName(given)).toBe(expected);
});
