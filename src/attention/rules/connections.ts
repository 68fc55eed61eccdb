import { writtenDay, writtenTime } from '../../platform/time.ts';
import { adviceOn } from '../../provisioning/log/rules/advice.ts';
import type { ScimHealth, SsoHealth } from '../store/connections.ts';
import type { Ending, MissingDomain } from '../store/expiring.ts';
import { type AttentionItem, capped, countInWords, PLAIN } from './item.ts';

/** Days in which what ends is shown. */
export const ENDING_DAYS = 30;
/** Hours in which failed requests are counted. */
export const FAILURE_HOURS = 24;

const DAY_MS = 86_400_000;

/** Failed requests of a connection that works otherwise from which on it is shown. */
const LEAST_FAILURES = 3;

/**
 * A connection that fails, or of whose requests some did, with the most frequent error and what to do about it. It is
 * urgent only while nothing of it gets through.
 */
export function failingConnection({ id, name, ...health }: ScimHealth): AttentionItem | undefined {
  const { failures, failedSince, status, code, frequency, isFailing } = health;
  if (failedSince === null || status === null) return undefined;
  if (!isFailing && failures < LEAST_FAILURES) return undefined;
  const advice = adviceOn(status, code);
  const same = frequency === failures ? '' : `${(frequency ?? 0).toLocaleString('en')} of them: `;
  return {
    ...PLAIN,
    ...capped(failures),
    kind: 'failing_connection',
    severity: isFailing ? 'high' : 'medium',
    title: `${name}: ${countInWords(failures, 'request', 'requests').replace('More', 'more')} failed since ${writtenTime(failedSince)}`,
    detail: `${same}${advice?.meaning ?? ''} ${advice?.remedy ?? ''}`.trim(),
    at: failedSince,
    target: { type: 'connection', id, name },
    act: 'open_request_log',
  };
}

/** A connection that sent requests before, and none for some hours. */
export function silentConnection(
  { id, name, lastUsedAt, tokenSince }: ScimHealth,
  hours: number,
  now: Date,
): AttentionItem | undefined {
  const limit = new Date(now.getTime() - hours * 3_600_000).toISOString();
  if (lastUsedAt === null || tokenSince === null || lastUsedAt >= limit || tokenSince >= limit)
    return undefined;
  return {
    ...PLAIN,
    kind: 'silent_connection',
    severity: 'medium',
    title: `${name} has sent no request since ${writtenTime(lastUsedAt)}`,
    detail: `Users who leave at the identity provider keep their access here. Check there whether provisioning is on and its token is valid.`,
    at: lastUsedAt,
    target: { type: 'connection', id, name },
    act: 'check_connection',
  };
}

const TITLES: Readonly<Record<Ending['what'], (ending: Ending, day: string) => string>> = {
  certificate: ({ connectionName }, day) =>
    `${connectionName ?? 'A connection'}: the signing certificate expires on ${day}`,
  scim_token: ({ connectionName, name }, day) =>
    `${connectionName ?? 'A connection'}: the SCIM token ending in ${name} expires on ${day}`,
  api_key: ({ name }, day) => `The API key ${name} expires on ${day}`,
};

const used = (at: string | null) => (at === null ? 'It was never used.' : `Last used on ${writtenTime(at)}.`);

const DETAILS: Readonly<Record<Ending['what'], (ending: Ending) => string>> = {
  certificate: ({ users }) =>
    `From then on ${countInWords(users ?? 0, 'user', 'users').replace('More', 'more')} cannot sign in through it. Read the metadata again, or upload the certificate that follows.`,
  scim_token: ({ lastUsedAt }) =>
    `${used(lastUsedAt)} Rotate it: the old token stays valid until the identity provider has the new one.`,
  api_key: ({ lastUsedAt, holder }) =>
    `It belongs to ${holder ?? 'a deleted account'}. ${used(lastUsedAt)} Make another key before programs stop.`,
};

/** What stops working within `ENDING_DAYS`: urgent in its last three days. */
export function ending(each: Ending, now: Date): AttentionItem {
  const { what, id, name, connection, connectionName, endsAt, users } = each;
  const isNear = Date.parse(endsAt) - now.getTime() < 3 * DAY_MS;
  return {
    ...PLAIN,
    ...(users === null ? {} : capped(users)),
    kind: `expiring_${what}`,
    severity: isNear ? 'high' : 'medium',
    title: TITLES[what](each, writtenDay(endsAt)),
    detail: DETAILS[what](each),
    dueAt: endsAt,
    target:
      what === 'certificate'
        ? { type: 'connection', id: connection ?? id, name: connectionName ?? name }
        : { type: what, id, name },
    act: (
      { certificate: 'refresh_metadata', scim_token: 'rotate_token', api_key: 'rotate_api_key' } as const
    )[what],
  };
}

export function missingDomain({ domain, connection, missingAt, enforced }: MissingDomain): AttentionItem {
  return {
    ...PLAIN,
    kind: 'unproved_domain',
    severity: 'medium',
    title: `The DNS record of ${domain} has been missing since ${writtenTime(missingAt)}`,
    detail: `It proves that the domain is yours${enforced ? `, and its users must sign in through ${connection}` : ''}. Add the record again, then check the domain.`,
    at: missingAt,
    target: { type: 'domain', id: domain, name: domain },
    act: 'check_domain',
  };
}

/** A connection that needs no attention. */
export interface WorkingConnection {
  readonly id: string;
  readonly name: string;
  readonly type: 'scim' | 'sso';
  /** Its last request or sign-in; null before the first. */
  readonly lastUsedAt: string | null;
}

/** The connections that no item is about. */
export function workingConnections(
  scim: readonly ScimHealth[],
  sso: readonly SsoHealth[],
  items: readonly AttentionItem[],
): WorkingConnection[] {
  const troubled = new Set(items.flatMap(({ target }) => (target?.type === 'connection' ? [target.id] : [])));
  return [
    ...scim.map(({ id, name, lastUsedAt }) => ({ id, name, type: 'scim' as const, lastUsedAt })),
    ...sso.map(({ id, name, lastSignInAt }) => ({
      id,
      name,
      type: 'sso' as const,
      lastUsedAt: lastSignInAt,
    })),
  ].filter(({ id }) => !troubled.has(id));
}
