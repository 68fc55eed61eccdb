import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { applyBreak } from './break.ts';
import { BREAKS } from './breaks/index.ts';
import { compile } from './compile.ts';

describe('the list of breaks', () => {
  test('has at least 100 breaks, none of them twice', () => {
    expect(BREAKS.length).toBeGreaterThanOrEqual(100);
    expect(
      new Set(BREAKS.map(({ file, replacement, allows }) => `${file}\0${allows}\0${replacement}`)).size,
    ).toBe(BREAKS.length);
  });

  test('names test files that exist', () => {
    const files = new Set(BREAKS.flatMap(({ tests }) => tests));
    expect([...files].filter((file) => !existsSync(file))).toEqual([]);
  });

  test.each(BREAKS)('still applies to $file: $allows', async (change) => {
    await compile(applyBreak(readFileSync(change.file, 'utf8'), change));
  });
});
