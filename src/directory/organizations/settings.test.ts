import { expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

test('one setting that cannot be read leaves the others as they are', () => {
  const settings = readSettings({ onlyOwnersGrantAdmin: true, sessionIdleMinutes: 'soon', unknown: 1 });
  expect(settings).toMatchObject({ onlyOwnersGrantAdmin: true, sessionIdleMinutes: 720 });
});
