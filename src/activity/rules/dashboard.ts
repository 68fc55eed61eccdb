import type { UserStatus } from '../../directory/users/user.ts';
import { countOf } from '../../platform/counts.ts';
import { averageResponse, type Figures } from '../activity-event.ts';

/** The windows of a dashboard, in hours. */
export const WINDOWS = { '24h': 24, '7d': 168, '30d': 720 } as const;
export type Window = keyof typeof WINDOWS;
/** What agent and response time are of where the window has none (R102). */
export const FALLBACK = '30d' satisfies Window;

/** What a dashboard is made of. */
export interface DashboardFacts {
  readonly email: string;
  readonly lastLoginAt: string | undefined;
  readonly window: Window;
  /** By agent; '' for events that name none. */
  readonly inWindow: readonly (Figures & { readonly agent: string })[];
  /** The same of twice the window: what is in it beyond the window was in the one before. */
  readonly inTwice: readonly (Figures & { readonly agent: string })[];
  /** The same of the last 30 days. */
  readonly inFallback: readonly (Figures & { readonly agent: string })[];
  readonly failedSignIns: number;
  readonly status: UserStatus | 'deleted';
  readonly locked: boolean;
}

/** A value with the window that it is of, and as the dashboard writes it. */
interface Shown<Value> {
  readonly value: Value | null;
  readonly window: Window;
  readonly text: string;
}

export interface Dashboard {
  readonly lastLogin: { readonly at: string | null; readonly text: string };
  /** `previous`: of as long a window just before. */
  readonly queries: Shown<number> & { readonly previous: number };
  /** `queries`: how many it was asked in its window. */
  readonly mostUsedAgent: Shown<string> & { readonly queries: number | null };
  /** `month`: of the last 30 days. */
  readonly averageResponseMs: Shown<number> & { readonly month: number | null };
  readonly failedAuth: Shown<number>;
  readonly status: {
    readonly value: DashboardFacts['status'];
    readonly locked: boolean;
    readonly text: string;
  };
  /** All of it, in the words of the specification. */
  readonly text: string;
}

const NONE = '–';
const statusTexts: Readonly<Record<DashboardFacts['status'], string>> = {
  active: 'Active ✅',
  inactive: 'Inactive ⛔',
  pending: 'Pending ⏳',
  deleted: 'Deleted ⛔',
};

/** Makes the dashboard of a user (R100 to R103), both as data and in words. */
export function makeDashboard(facts: DashboardFacts, now: Date): Dashboard {
  const { email, window, status, locked, lastLoginAt, failedSignIns } = facts;
  const queries = total(facts.inWindow).queries;
  const lastLogin = { at: lastLoginAt ?? null, text: relativeTime(lastLoginAt, now) };
  const agent = shown(facts, mostUsed, (name) => name);
  const response = shown(facts, (rows) => averageResponse(total(rows)), seconds);
  const state = {
    value: status,
    locked,
    text: locked && status === 'active' ? 'Locked 🔒' : statusTexts[status],
  };
  const lines = [
    ['Last Login', lastLogin.text],
    [`Queries (${window})`, String(queries)],
    ['Most Used Agent', withWindow(agent, window)],
    ['Avg Response Time', withWindow(response, window)],
    ['Failed Auth', String(failedSignIns)],
    ['Status', state.text],
  ].map(([name, text], index, all) => `${index === all.length - 1 ? '└─' : '├─'} ${name}: ${text}`);
  return {
    lastLogin,
    queries: {
      value: queries,
      window,
      text: String(queries),
      previous: total(facts.inTwice).queries - queries,
    },
    mostUsedAgent: { ...agent, queries: queriesOf(facts, agent) },
    averageResponseMs: { ...response, month: averageResponse(total(facts.inFallback)) ?? null },
    failedAuth: { value: failedSignIns, window: '24h', text: String(failedSignIns) },
    status: state,
    text: [`User: ${email}`, ...lines].join('\n'),
  };
}

/** Of the window, or of the last 30 days if that has none. */
function shown<Value>(
  { window, inWindow, inFallback }: DashboardFacts,
  find: (rows: DashboardFacts['inWindow']) => Value | undefined,
  write: (value: Value) => string,
): Shown<Value> {
  const own = find(inWindow);
  const value = own ?? find(inFallback);
  return {
    value: value ?? null,
    window: own === undefined && value !== undefined ? FALLBACK : window,
    text: value === undefined ? NONE : write(value),
  };
}

function queriesOf({ window, inWindow, inFallback }: DashboardFacts, agent: Shown<string>): number | null {
  const rows = agent.window === window ? inWindow : inFallback;
  return rows.find((row) => row.agent === agent.value)?.queries ?? null;
}

const withWindow = <Value>({ text, window }: Shown<Value>, asked: Window): string =>
  window === asked ? text : `${text} (${window})`;

function total(rows: readonly Figures[]): Figures {
  const sum = { events: 0, queries: 0, responseMs: 0, responses: 0 };
  for (const { events, queries, responseMs, responses } of rows) {
    sum.events += events;
    sum.queries += queries;
    sum.responseMs += responseMs;
    sum.responses += responses;
  }
  return sum;
}

/** The agent with the most queries, then the most events, then the first by name. */
function mostUsed(rows: DashboardFacts['inWindow']): string | undefined {
  const named = rows.filter(({ agent }) => agent !== '');
  const [first] = [...named].sort(
    (left, right) =>
      right.queries - left.queries || right.events - left.events || (left.agent < right.agent ? -1 : 1),
  );
  return first?.agent;
}

/** @returns `1.8s` */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)}s`;
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** @returns `2 hours ago`, `just now`, or `never` */
export function relativeTime(at: string | undefined, now: Date): string {
  if (at === undefined) return 'never';
  const elapsed = (now.getTime() - Date.parse(at)) / 1_000;
  const unit = units.find(([, length]) => elapsed >= length);
  if (unit === undefined) return 'just now';
  const [name, length] = unit;
  const count = Math.floor(elapsed / length);
  return `${countOf(count, name)} ago`;
}
