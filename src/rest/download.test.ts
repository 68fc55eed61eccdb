import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { downloadHeaders } from './download.ts';

const dispositionOf = (...named: Parameters<typeof downloadHeaders>): string =>
  downloadHeaders(...named)['Content-Disposition'] as string;

test('the name of a file says what is in it, and of which day', () => {
  expect(downloadHeaders('csv', 'members of Engineering', '2026-11-30T10:00:00.000Z')).toEqual({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="members-of-engineering-2026-11-30.csv"',
  });
  expect(dispositionOf('csv', 'users')).toBe('attachment; filename="users.csv"');
});

test('RFC 6266: a name in other letters comes as UTF-8, with what is ASCII of it for clients that know no more', () => {
  expect(dispositionOf('csv', 'members of Ingeniería', '2026-11-30')).toBe(
    `attachment; filename="members-of-ingenieria-2026-11-30.csv"; filename*=UTF-8''members-of-ingenier%C3%ADa-2026-11-30.csv`,
  );
  expect(dispositionOf('zip', 'data of Олена Коваленко')).toBe(
    `attachment; filename="data-of.zip"; filename*=UTF-8''${encodeURIComponent('data-of-олена-коваленко.zip')}`,
  );
});

test('no name leaves its header, its folder or the length of a file name, or turns the direction of reading', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '/', '.', '\r', '\n', ';', '\u202e', '\ud83d', '漢', 'a'),
      maxLength: 300,
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const [, ascii, , exact] =
        /^attachment; filename="([a-z0-9.-]+)"(; filename\*=UTF-8''([\w.%-]+))?$/.exec(
          dispositionOf('ndjson', `members of ${text}`, '2026-11-30'),
        ) as RegExpExecArray;
      const name = exact === undefined ? (ascii as string) : decodeURIComponent(exact);
      expect(name).toMatch(/^members-of-([\p{L}\p{M}\p{N}-]*-)?2026-11-30\.ndjson$/u);
      expect(Buffer.byteLength(name)).toBeLessThan(256);
    }),
  );
});
