import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EVENT_ACTIONS } from '../../src/audit/catalogue.ts';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join('src', file), 'utf8') }));

test('every event is declared once, by the feature that records it', () => {
  const declared = files
    .filter(({ file }) => file.endsWith('/events.ts'))
    .flatMap(({ text }) => [...text.matchAll(/^ {2}'([a-z_]+\.[a-z_]+)': \{/gm)].map(([, name]) => name));
  expect(declared.toSorted()).toEqual(EVENT_ACTIONS.toSorted());
});

test('every event that is declared is recorded somewhere', () => {
  const recording = files.filter(({ file }) => !file.endsWith('/events.ts') && !file.includes('/rules/sub'));
  expect(EVENT_ACTIONS.filter((name) => !recording.some(({ text }) => text.includes(`'${name}'`)))).toEqual(
    [],
  );
});

test('only the store of the audit trail writes the table of events', () => {
  const writing = files.filter(({ text }) =>
    /\b(?:insert into|update|delete from) \$?\{?events\b/.test(text),
  );
  expect(writing.map(({ file }) => file)).toEqual(['audit/store/erasure.ts']);
  const inserting = files.filter(({ text }) => text.includes('`events (org_id'));
  expect(inserting.map(({ file }) => file)).toEqual(['audit/store/event-sql.ts']);
});

test('no SQL of a store names an event by itself', () => {
  // These take names that the catalogue types.
  const typed = /(?:insertEvents|eventName|attributeEvent)\(\s*'[^']*'|action: '[^']*'(?: \| '[^']*')*\)/g;
  const named = files
    .filter(({ file }) => /(?:^|\/)store(?:\/|\.ts$)/.test(file))
    .flatMap(({ file, text }) => {
      const untyped = text.replaceAll(typed, '');
      return EVENT_ACTIONS.filter((name) => untyped.includes(`'${name}'`)).map((name) => `${file}: ${name}`);
    });
  expect(named).toEqual([]);
});
