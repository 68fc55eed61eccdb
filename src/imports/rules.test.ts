import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../directory/errors.ts';
import { guardCell, unguardCell } from '../platform/csv-cell.ts';
import { checkFields, errorTable, hasStrayCells, readFields, readHeader, splitGroups } from './rules.ts';

const errorOf = (work: () => unknown): DomainError => {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

describe('the header', () => {
  test('R23: names its columns in any order and case, with others between them', () => {
    const places = readHeader(['Phone', 'ROLE', ' Groups ', 'email', 'Name']);
    expect(readFields(places, ['1', 'train', 'A|B', 'a@x.example', 'Ann'])).toEqual({
      email: 'a@x.example',
      name: 'Ann',
      role: 'train',
      groups: ['A', 'B'],
    });
  });

  test('rejects a missing or repeated column and names it', () => {
    const lacking = errorOf(() => readHeader(['email', 'role']));
    expect([lacking.code, lacking.message]).toEqual([
      'bad_header',
      expect.stringContaining('missing: name, groups'),
    ]);
    expect(errorOf(() => readHeader(['email', 'name', 'role', 'groups', 'Email'])).message).toContain(
      'twice: email',
    );
  });

  test('rejects semicolons as separators and says so', () => {
    expect(errorOf(() => readHeader(['email;name;role;groups'])).message).toContain('commas');
  });
});

describe('a row', () => {
  const row = { email: 'a@x.example', name: '', role: 'readonly', groups: [] };

  test('R24: needs an address that is one', () => {
    for (const email of [
      '',
      'nobody',
      'a@',
      '@x.example',
      'a b@x.example',
      'a@x',
      'a@x.example, b@x.example',
    ]) {
      expect(checkFields({ ...row, email })).toBe('Invalid email format');
    }
  });

  test('R25: needs no name', () => {
    expect(checkFields(row)).toEqual({ ...row, name: undefined });
  });

  test('R26: has a role of the four, in lower case', () => {
    for (const role of ['readonly', 'train', 'configure', 'admin']) {
      expect(checkFields({ ...row, role })).toMatchObject({ role });
    }
    for (const role of ['Admin', '', 'manager', 'owner', 'super_admin', 'constructor']) {
      expect(checkFields({ ...row, role })).toBe('Invalid role');
    }
  });

  test('R27: has groups between pipes or semicolons, without the blanks around them', () => {
    expect(splitGroups('Sales Team;Engineering')).toEqual(['Sales Team', 'Engineering']);
    expect(splitGroups(' A | B ;; C|')).toEqual(['A', 'B', 'C']);
    expect(splitGroups('')).toEqual([]);
  });

  test.each([
    [String.raw`Sales\; EMEA|Support`, ['Sales; EMEA', 'Support']],
    [String.raw`A\|B;C\\;D`, ['A|B', 'C\\', 'D']],
    ['"Sales; EMEA" | Support', ['Sales; EMEA', 'Support']],
    ['"a ""quoted"" name";B', ['a "quoted" name', 'B']],
    ['The "best" team;B', ['The "best" team', 'B']],
    [String.raw`DOMAIN\Sales;B`, [String.raw`DOMAIN\Sales`, 'B']],
    ['"not closed;B', ['"not closed', 'B']],
    ['"A" B;C', ['"A" B', 'C']],
  ])('reads the group list %s', (text, names) => {
    expect(splitGroups(text)).toEqual(names);
  });

  test('reads any name that is quoted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }).filter((name) => name.trim() === name && name !== '')),
        (names) => {
          const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
          expect(splitGroups(quoted.join(';'))).toEqual(names);
        },
      ),
    );
    const many = Array.from({ length: 101 }, (_, at) => `g${at}`);
    expect(checkFields({ ...row, groups: many })).toBe('At most 100 groups.');
  });

  test('with text where the header has no name is seen: a comma was not in quotes', () => {
    const header = ['email', 'name', 'role', 'groups', ''];
    expect(hasStrayCells(header, ['a@x.example', 'Ann', 'train', 'Sales', 'Engineering'])).toBe(true);
    expect(hasStrayCells(header, ['a@x.example', 'Ann', 'train', 'Sales', ' '])).toBe(false);
    expect(hasStrayCells(header, ['a@x.example'])).toBe(false);
  });
});

describe('the error file', () => {
  test('R36, R37: keeps the original columns; row and error of an earlier one make room', () => {
    const header = ['email', 'name', 'role', 'groups', 'Phone', 'row', 'Error'];
    const cells = ['x', 'Ann', 'train', '', '123', '7', 'Invalid email format'];
    expect(errorTable(header, [{ number: 2, cells, message: 'Invalid email format' }])).toEqual([
      ['email', 'name', 'role', 'groups', 'Phone', 'row', 'error'],
      ['x', 'Ann', 'train', '', '123', '2', 'Invalid email format'],
    ]);
  });

  test('R39: a cell that a spreadsheet would run gets an apostrophe, which reading takes away', () => {
    for (const cell of ['=1+1', '+1', '-1', '@x', '\tx', '\rx', "'=1", "''@x"]) {
      expect(guardCell(cell)).toBe(`'${cell}`);
      expect(unguardCell(guardCell(cell))).toBe(cell);
    }
    for (const cell of ['', 'x=1', "O'Neil", "'quoted'", ' =1']) {
      expect(guardCell(cell)).toBe(cell);
      expect(unguardCell(cell)).toBe(cell);
    }
  });
});

test('a name of a row is one line of at most 200 characters', () => {
  const row = { email: 'a@acme.example', role: 'readonly', groups: [] };
  expect(checkFields({ ...row, name: 'Jane\r\n Doe' })).toMatchObject({ name: 'Jane Doe' });
  expect(typeof checkFields({ ...row, name: 'n'.repeat(201) })).toBe('string');
});
