import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import type { Alert, AlertUpdateRequest } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import type { Search } from '../../app/router.tsx';
import type { FilterField } from '../../components/filter-chips.tsx';
import type { Shape } from '../../components/status.tsx';

export type AlertKind = Alert['kind'];
export type AlertState = Alert['state'];

/** What opens alerts, as headings have it. */
export const KINDS: Readonly<Record<AlertKind, string>> = {
  new_location: 'Sign-in from a new network',
  failed_sign_ins: 'Failed sign-ins locked the account',
  password_spraying: 'Passwords tried on many accounts',
  sensitive_action: 'Sensitive action',
  off_hours: 'Sign-in outside working hours',
  query_volume: 'Unusual number of queries',
  mass_change: 'Many people lost access at once',
  expiring: 'Expires soon',
  silent_connection: 'Silent SCIM connection',
  failing_stream: 'Audit stream fails',
  missing_domain_record: 'Domain record is gone',
};

export const SEVERITIES: Readonly<Record<Alert['severity'], readonly [shape: Shape, word: string]>> = {
  high: ['square', 'High'],
  medium: ['diamond', 'Medium'],
  low: ['ring', 'Low'],
};

export const STATES: Readonly<Record<AlertState, string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  false_positive: 'Not suspicious',
};

/** The parts of the inbox, and the states that each holds. */
export const PARTS = {
  open: { label: 'Open', states: ['open'] },
  acknowledged: { label: 'Acknowledged', states: ['acknowledged'] },
  closed: { label: 'Closed', states: ['resolved', 'false_positive'] },
} as const satisfies Record<string, { label: string; states: readonly AlertState[] }>;
export type Part = keyof typeof PARTS;

export const ALERT_FILTERS: readonly FilterField[] = [
  {
    key: 'severity',
    label: 'Severity',
    options: Object.entries(SEVERITIES).map(([value, [, label]]) => ({ value, label })),
  },
  {
    key: 'kind',
    label: 'Kind',
    options: Object.entries(KINDS).map(([value, label]) => ({ value, label })),
  },
];

/** The alerts that an address describes, the newest first. */
export const alertsQuery = (states: readonly AlertState[], search: Search, limit = 50) => {
  const given = ['severity', 'kind'].flatMap((key) =>
    search[key] ? [[key, search[key].split(',')] as const] : [],
  );
  const query: object = {
    ...Object.fromEntries(given),
    ...(search['user'] ? { user: search['user'] } : {}),
    state: [...states],
    limit,
  };
  return infiniteQueryOptions({
    queryKey: ['alerts', 'list', query],
    ...byCursor,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/alerts', {
          params: { query: { ...query, ...cursorOf(pageParam) } },
          signal,
        }),
      ),
    refetchInterval: 60_000,
  });
};

interface Decision {
  readonly id: string;
  readonly body: AlertUpdateRequest;
  /** Before the lists are read again: what has asked may be gone from them then. */
  readonly after?: () => void;
}

/** Decides about an alert. */
export function useDecision() {
  return useChange(
    ({ id, body }: Decision) => dataOf(api.PATCH('/alerts/{id}', { params: { path: { id } }, body })),
    [['alerts'], ['attention'], ['audit']],
    (_, { after }) => after?.(),
  );
}

/** @returns whom or what an alert is about */
export function subjectOf({ user, connection }: Alert): string {
  if (user !== null) return user.name ?? user.email ?? 'a deleted user';
  if (connection !== null) return connection.name ?? 'a deleted connection';
  return 'The organization';
}
