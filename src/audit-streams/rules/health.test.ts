import { expect, test } from '@jest/globals';
import { healthOf, type StreamProgress } from './health.ts';

const fine: StreamProgress = {
  paused: false,
  failures: 0,
  lastError: null,
  waiting: 0,
  moreWaiting: false,
  deliveredEventAt: '2026-11-28T09:30:00Z',
};

test.each([
  ['all is delivered', {}, 'current', 'All events are delivered.'],
  ['nothing happened', { deliveredEventAt: null }, 'current', 'Nothing has happened since it was added.'],
  ['some are on their way', { waiting: 1 }, 'current', '1 event waits.'],
  ['it catches up', { waiting: 5_000 }, 'behind', '5,000 events wait and are being delivered.'],
  [
    'its receiver is down',
    { failures: 3, waiting: 10_000, moreWaiting: true, lastError: 'The connection was refused.' },
    'failing',
    'More than 10,000 events wait: 3 attempts failed. The connection was refused.',
  ],
  ['it is paused', { paused: true, waiting: 2 }, 'paused', 'Paused. 2 events wait until it is resumed.'],
] as const)('of a stream where %s', (_, progress, state, sentence) => {
  expect(healthOf({ ...fine, ...progress })).toEqual({ state, sentence });
});
