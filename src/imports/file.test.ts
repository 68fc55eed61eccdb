import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../directory/errors.ts';
import { displayFileName, TEMPLATE, writeErrorCsv } from './file.ts';
import { readCsv } from './read-csv.ts';
import { MAX_IMPORT_ROWS, readFields, readHeader } from './rules.ts';

const HEADER = ['email', 'name', 'role', 'groups'];
const read = (text: string) => readCsv(Buffer.from(text));
const fieldsOf = ({ header, rows }: ReturnType<typeof readCsv>) =>
  rows.map(({ cells }) => readFields(readHeader(header), cells));
const codeOf = (content: string | Buffer) => {
  try {
    readCsv(Buffer.from(content as string));
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, detail: error.message };
    throw error;
  }
  return undefined;
};

describe('reading', () => {
  test('R22: the template is the header and two rows', () => {
    expect(fieldsOf(read(TEMPLATE))).toEqual([
      { email: 'john@company.com', name: 'John Doe', role: 'train', groups: ['Support Team'] },
      {
        email: 'jane@company.com',
        name: 'Jane Smith',
        role: 'readonly',
        groups: ['Sales Team', 'Engineering'],
      },
    ]);
  });

  test('R23: byte-order mark, all line ends, quotes and blank rows; rows are numbered as in a spreadsheet', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = [
        HEADER.join(','),
        '',
        'a@x.example,"Doe, ""J""",train,',
        ',,,',
        'b@x.example,"J\nK",train,',
      ];
      for (const mark of ['', '\uFEFF']) {
        const { rows } = read(mark + lines.join(end));
        expect(rows.map(({ number, cells }) => [number, cells[1]])).toEqual([
          [3, 'Doe, "J"'],
          [5, 'J\nK'],
        ]);
      }
    }
  });

  test('R35: a quote that is no quote spoils no other row', () => {
    const { rows } = read(`${HEADER}\na@x.example,Bob "Bo" Smith,train,\nb@x.example,,train,\n`);
    expect(rows.map(({ cells }) => cells[1])).toEqual(['Bob "Bo" Smith', '']);
  });

  test('R28: 1,000 rows and the blank ones between them, and no more', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, at) => `p${at}@x.example,,train,`);
    const file = (count: number) => [HEADER, ...rows(count)].join('\n\n');
    expect(read(file(MAX_IMPORT_ROWS)).rows).toHaveLength(MAX_IMPORT_ROWS);
    expect(codeOf(file(MAX_IMPORT_ROWS + 1))).toEqual({
      code: 'too_many_rows',
      detail: expect.stringContaining('max 1,000 per import'),
    });
  });

  test('what is no UTF-8 text is rejected, with how to save it', () => {
    const file = `${HEADER}\njos\u00e9@x.example,Jos\u00e9,train,\n`;
    const bad = {
      'Latin-1': Buffer.from(file, 'latin1'),
      'UTF-16': Buffer.from(`\uFEFF${file}`, 'utf16le'),
      workbook: Buffer.from('PK\x03\x04rest', 'latin1'),
      'not a text': Buffer.from([0x65, 0, 0x66]),
    };
    for (const [word, content] of Object.entries(bad)) {
      const refusal = codeOf(content);
      expect(refusal?.code).toBe('not_csv');
      expect(refusal?.detail).toContain(word);
      expect(refusal?.detail).toContain('CSV UTF-8');
    }
    expect(codeOf('')?.code).toBe('not_csv');
    expect(codeOf(`${HEADER}\na@x.example,"Ann,train,\n`)?.detail).toContain('not closed');
  });

  test('files made to be slow are rejected within seconds of processor time', () => {
    const hostile = [
      '\n'.repeat(5e6),
      ',,,\n'.repeat(1.25e6),
      '"'.repeat(5e6),
      `${HEADER}\n${'"",'.repeat(1.6e6)}`,
      `${HEADER}\n${'a,b,c,d\n'.repeat(6e5)}`,
    ];
    for (const content of hostile) {
      const before = process.cpuUsage();
      expect(codeOf(content)).toBeDefined();
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(8_000);
    }
  });
});

describe('the error file', () => {
  const cell = fc
    .string({ unit: 'binary', maxLength: 30 })
    .map((text) => text.replaceAll('\0', ' ').toWellFormed());
  const risky = fc.string({ unit: fc.constantFrom(...'\'=+-@\t\r\n",; |x\uFEFF\u00e9'), maxLength: 12 });

  test('R37, R39: read again it gives the same fields, whatever the characters', () => {
    const row = fc.tuple(...HEADER.map(() => fc.oneof(cell, risky)));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const failed = rows.map((cells, at) => ({ number: at + 2, cells, message: 'Invalid role' }));
        const again = read(writeErrorCsv(HEADER, failed));
        expect(again.header).toEqual([...HEADER, 'row', 'error']);
        expect(again.rows.map(({ cells }) => cells.slice(0, 4))).toEqual(rows);
        const places = readHeader(HEADER);
        expect(fieldsOf(again)).toEqual(rows.map((cells) => readFields(places, cells)));
      }),
      { numRuns: 500 },
    );
  });

  test('of an error file has its columns once', () => {
    const first = writeErrorCsv(
      [...HEADER, 'Phone'],
      [{ number: 2, cells: ['x', '', 'train', '', '123'], message: 'Invalid email format' }],
    );
    const { header, rows } = read(first);
    const second = writeErrorCsv(header, [
      { ...(rows[0] as (typeof rows)[0]), message: 'Invalid email format' },
    ]);
    expect(second).toBe(first);
  });
});

test('a file’s name is its last path segment, in printable characters', () => {
  expect(displayFileName('C:\\Users\\ann\\people.csv')).toBe('people.csv');
  expect(displayFileName('../../etc/\u202epeople\n.csv')).toBe('people.csv');
  expect(displayFileName('')).toBe('users.csv');
  expect(displayFileName(undefined)).toBe('users.csv');
});
