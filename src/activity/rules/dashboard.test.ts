import { describe, expect, test } from '@jest/globals';
import { type DashboardFacts, makeDashboard, relativeTime, seconds } from './dashboard.ts';

const NOW = new Date('2026-11-29T12:00:00.000Z');
const figures = (agent: string, queries: number, ms = 0) => ({
  agent,
  events: queries,
  queries,
  responseMs: queries * ms,
  responses: ms === 0 ? 0 : queries,
});
const facts: DashboardFacts = {
  email: 'john@company.com',
  lastLoginAt: '2026-11-29T10:00:00.000Z',
  window: '24h',
  inWindow: [figures('Sales Agent', 5, 1_000), figures('Support Agent', 40, 1_900)],
  inTwice: [figures('Sales Agent', 25), figures('Support Agent', 58)],
  inFallback: [figures('Sales Agent', 500, 9_000)],
  failedSignIns: 0,
  status: 'active',
  locked: false,
};

describe('the dashboard of a user', () => {
  test('R100: has the words and formats of the specification', () => {
    expect(makeDashboard(facts, NOW).text).toBe(
      [
        'User: john@company.com',
        '├─ Last Login: 2 hours ago',
        '├─ Queries (24h): 45',
        '├─ Most Used Agent: Support Agent',
        '├─ Avg Response Time: 1.8s',
        '├─ Failed Auth: 0',
        '└─ Status: Active ✅',
      ].join('\n'),
    );
  });

  test('R100: each figure has what it is compared with', () => {
    const { queries, mostUsedAgent, averageResponseMs } = makeDashboard(facts, NOW);
    expect([queries.value, queries.previous]).toEqual([45, 38]);
    expect([mostUsedAgent.value, mostUsedAgent.queries]).toEqual(['Support Agent', 40]);
    expect([averageResponseMs.value, averageResponseMs.month]).toEqual([1_800, 9_000]);
  });

  test('R102: agent and response time are of the last 30 days if the window has none, and say so', () => {
    const quiet = makeDashboard({ ...facts, inWindow: [] }, NOW);
    expect(quiet.queries).toEqual({ value: 0, window: '24h', text: '0', previous: 83 });
    expect(quiet.mostUsedAgent).toEqual({
      value: 'Sales Agent',
      window: '30d',
      text: 'Sales Agent',
      queries: 500,
    });
    expect(quiet.averageResponseMs).toEqual({ value: 9_000, window: '30d', text: '9.0s', month: 9_000 });
    expect(quiet.text).toContain('Avg Response Time: 9.0s (30d)');
  });

  test('a user who did nothing has no agent and no response time', () => {
    const none = makeDashboard({ ...facts, inWindow: [], inFallback: [], lastLoginAt: undefined }, NOW);
    expect([none.mostUsedAgent, none.averageResponseMs.text, none.lastLogin.text]).toEqual([
      { value: null, window: '24h', text: '–', queries: null },
      '–',
      'never',
    ]);
  });

  test('events without an agent count, and are no agent', () => {
    const { queries, mostUsedAgent } = makeDashboard(
      { ...facts, inWindow: [figures('', 9), figures('Sales Agent', 1)] },
      NOW,
    );
    expect([queries.value, mostUsedAgent.value]).toEqual([10, 'Sales Agent']);
  });

  test.each([
    ['inactive', false, 'Inactive ⛔'],
    ['pending', false, 'Pending ⏳'],
    ['active', true, 'Locked 🔒'],
    ['deleted', true, 'Deleted ⛔'],
  ] as const)('a user who is %s (locked: %s) is %s', (status, locked, text) => {
    expect(makeDashboard({ ...facts, status, locked }, NOW).status.text).toBe(text);
  });
});

test.each([
  ['2026-11-29T12:00:00.000Z', 'just now'],
  ['2026-11-29T12:04:00.000Z', 'just now'],
  ['2026-11-29T11:59:00.000Z', '1 minute ago'],
  ['2026-11-29T10:00:01.000Z', '1 hour ago'],
  ['2026-11-27T12:00:00.000Z', '2 days ago'],
  ['2026-10-20T12:00:00.000Z', '1 month ago'],
  ['2024-10-20T12:00:00.000Z', '2 years ago'],
])('a login at %s was %s', (at, text) => {
  expect(relativeTime(at, NOW)).toBe(text);
});

test.each([
  [1_800, '1.8s'],
  [49, '0.0s'],
  [450, '0.5s'],
  [75_000, '75.0s'],
])('%i ms are written %s', (ms, text) => {
  expect(seconds(ms)).toBe(text);
});
