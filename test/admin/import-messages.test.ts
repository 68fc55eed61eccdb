import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkFields, DUPLICATE_EMAIL, GROUP_NOT_FOUND } from '../../src/imports/rules.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

const page = readFileSync(join(packageRoot(import.meta.url), 'docs/imports.md'), 'utf8');
const row = { email: 'jane@acme.example', name: '', role: 'readonly', groups: [] };

test.each([
  checkFields({ ...row, email: 'jane' }),
  checkFields({ ...row, role: 'Admin' }),
  DUPLICATE_EMAIL,
  GROUP_NOT_FOUND,
])('R147: docs/imports.md has a fix for "%s"', (message) => {
  expect(page).toMatch(new RegExp(`^\\| ${message} \\| \\S.* \\|$`, 'm'));
});
