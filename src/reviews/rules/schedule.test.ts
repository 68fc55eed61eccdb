import { describe, expect, test } from '@jest/globals';
import { dueNotice, isDueToOpen, nextOpening, periodOf } from './schedule.ts';

const at = (text: string) => new Date(text);

describe('the period of a scheduled review', () => {
  test.each([
    ['2026-11-29T12:00:00Z', 'quarterly', '2026-10-01', 'Q4 2026'],
    ['2026-12-31T23:59:59Z', 'quarterly', '2026-10-01', 'Q4 2026'],
    ['2027-01-01T00:00:00Z', 'quarterly', '2027-01-01', 'Q1 2027'],
    ['2026-02-28T00:00:00Z', 'monthly', '2026-02-01', 'February 2026'],
    ['2026-07-01T00:00:00Z', 'half_yearly', '2026-07-01', 'H2 2026'],
    ['2026-07-01T00:00:00Z', 'yearly', '2026-01-01', '2026'],
  ] as const)('at %s, %s, begins on %s and is called %s', (time, frequency, begins, name) => {
    expect(periodOf(at(time), frequency)).toEqual({ begins, name });
  });
});

describe('a scheduled review', () => {
  test.each([
    ['opens on the first day', '2027-01-01T00:00:00Z', '2026-10-01', true],
    ['opens later where the server was away', '2027-01-10T00:00:00Z', undefined, true],
    ['does not open a second time', '2027-01-01T01:00:00Z', '2027-01-01', false],
    [
      'does not open again where the clock goes back over the turn of the year',
      '2026-12-31T23:30:00Z',
      '2027-01-01',
      false,
    ],
    ['waits for the next period where it was turned on late', '2026-11-29T00:00:00Z', undefined, false],
  ])('%s', (_name, time, newest, due) => {
    expect(isDueToOpen(at(time), periodOf(at(time), 'quarterly'), newest)).toBe(due);
  });

  test.each([
    ['2026-11-29T00:00:00Z', undefined, '2027-01-01T00:00:00.000Z'],
    ['2027-01-02T00:00:00Z', '2026-10-01', '2027-01-02T00:00:00.000Z'],
    ['2027-01-02T00:00:00Z', '2027-01-01', '2027-04-01T00:00:00.000Z'],
  ])('at %s, after that of %s, the next one opens at %s', (time, newest, next) => {
    expect(nextOpening(at(time), 'quarterly', newest)).toBe(next);
  });
});

describe('notices', () => {
  const review = { openedAt: '2026-11-01T00:00:00Z', dueAt: '2026-11-22T00:00:00Z' };
  test.each([
    ['tells that the review is open first', [], '2026-11-01T00:00:00Z', 'opened', ['opened']],
    ['says nothing before seven days', ['opened'], '2026-11-14T23:59:59Z', undefined, []],
    ['reminds seven days before', ['opened'], '2026-11-15T00:00:00Z', 'due_in_7', ['due_in_7']],
    ['reminds once', ['opened', 'due_in_7'], '2026-11-16T00:00:00Z', undefined, []],
    ['reminds a day before', ['opened', 'due_in_7'], '2026-11-21T00:00:00Z', 'due_in_1', ['due_in_1']],
    ['skips what it missed', ['opened'], '2026-11-21T12:00:00Z', 'due_in_1', ['due_in_7', 'due_in_1']],
    ['escalates', ['opened', 'due_in_7', 'due_in_1'], '2026-11-22T00:00:00Z', 'overdue', ['overdue']],
    ['escalates once', ['opened', 'due_in_7', 'due_in_1', 'overdue'], '2027-11-22T00:00:00Z', undefined, []],
  ] as const)('%s', (_name, sent, time, send, settle) => {
    expect(dueNotice(review, sent, at(time))).toEqual(send === undefined ? undefined : { send, settle });
  });

  test('of a review that is short from its start leave out the reminder of seven days', () => {
    const short = { openedAt: '2026-11-20T00:00:00Z', dueAt: '2026-11-22T00:00:00Z' };
    expect(dueNotice(short, ['opened'], at('2026-11-20T01:00:00Z'))).toBeUndefined();
    expect(dueNotice(short, ['opened'], at('2026-11-21T01:00:00Z'))?.send).toBe('due_in_1');
  });
});
