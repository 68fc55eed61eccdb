import { expect, test } from '@jest/globals';
import { type SpokenEvent, sentenceOf } from './words.ts';

const event: SpokenEvent = {
  action: 'user.role_changed',
  actor: 'Ada Admin',
  target: 'Jane Doe',
  member: '',
  changes: { values: { role: ['readonly', 'configure'] } },
  reason: null,
};

test('an event is one sentence, with names and values', () => {
  expect(sentenceOf(event)).toBe('Ada Admin changed the role of Jane Doe from readonly to configure.');
});

test.each([
  ['Covers for a colleague.', 'because “Covers for a colleague”.'],
  ['Covers for\n a colleague', 'because “Covers for a colleague”.'],
  ['Really?', 'because “Really?”.'],
])('the reason %j is quoted, and the sentence ends once', (reason, end) => {
  expect(sentenceOf({ ...event, reason })).toMatch(new RegExp(`, ${end.replaceAll(/[.?]/g, '\\$&')}$`));
});
