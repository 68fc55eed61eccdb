import { findBusyUsers, findQueriesByHour } from '../activity/store/figures.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Executor } from '../platform/db/statement.ts';
import { DAY_MS, HOUR_MS, writtenDay, writtenTime } from '../platform/time.ts';
import type { Finding } from './rules/alert.ts';
import { COMPARED_MS, comparableHours, detectQueryVolume, FEWEST } from './rules/query-volume.ts';
import type { RuleSettings } from './settings.ts';
import {
  findExpiring,
  findFailingStreams,
  findMissingRecords,
  findSilentConnections,
} from './store/observations.ts';

/** What is about to stop working, what has stopped, and who asks unusually much. */
export async function detectState(
  tx: Executor,
  org: OrgId,
  rules: RuleSettings,
  now: Date,
): Promise<readonly Finding[]> {
  const {
    expiring,
    silent_connection: silent,
    failing_stream: stream,
    missing_domain_record: domain,
  } = rules;
  const at = now.toISOString();
  const ends = expiring.enabled
    ? await findExpiring(tx, org, at, new Date(now.getTime() + expiring.days * DAY_MS).toISOString())
    : [];
  const since = (hours: number) => new Date(now.getTime() - hours * HOUR_MS).toISOString();
  const quiet = silent.enabled ? await findSilentConnections(tx, org, since(silent.hours)) : [];
  const failing = stream.enabled ? await findFailingStreams(tx, org, since(stream.hours)) : [];
  const missing = domain.enabled ? await findMissingRecords(tx, org, since(domain.hours)) : [];
  return [
    ...ends.map(({ what, connection, user, key, expiresAt }): Finding => {
      const days = Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY_MS);
      const severity = days < 3 ? 'high' : 'medium';
      return {
        kind: 'expiring',
        severity,
        ...(connection === null ? {} : { connection }),
        ...(user === null ? {} : { user }),
        at,
        key: `${key} ${severity}`,
        lasting: true,
        detail: {
          why: `The ${what} expires on ${writtenDay(expiresAt)}.`,
          comparedWith: `a limit of ${expiring.days} days`,
          expiresAt,
        },
      };
    }),
    ...quiet.map(
      ({ connection, name, lastUsedAt }): Finding => ({
        kind: 'silent_connection',
        severity: 'medium',
        connection,
        at,
        key: lastUsedAt.slice(0, 10),
        lasting: true,
        detail: {
          why: `${name} has sent no request since ${writtenTime(lastUsedAt)}.`,
          comparedWith: `a limit of ${silent.hours} hours`,
          lastUsedAt,
        },
      }),
    ),
    ...failing.map(
      ({ id, name, deliveredEvent, error, waitingSince }): Finding => ({
        kind: 'failing_stream',
        severity: 'high',
        at,
        // Nothing arrives while it fails: the next time is another alert.
        key: `${id} ${deliveredEvent ?? ''}`,
        lasting: true,
        detail: {
          why: `The audit stream ${name} fails: events since ${writtenTime(waitingSince)} have not arrived. ${error ?? ''}`.trim(),
          comparedWith: `a limit of ${stream.hours} hours`,
          stream: id,
          waitingSince,
        },
      }),
    ),
    ...missing.map(
      ({ domain: name, connection, missingSince }): Finding => ({
        kind: 'missing_domain_record',
        severity: 'medium',
        connection,
        at,
        key: `${name} ${missingSince}`,
        lasting: true,
        detail: {
          why: `The DNS record that proves ${name} has not been found since ${writtenTime(missingSince)}. Create it again: the domain's present holder could prove it in another organization.`,
          comparedWith: `a limit of ${domain.hours} hours`,
          domain: name,
          missingSince,
        },
      }),
    ),
    ...(await detectVolume(tx, org, rules, now)),
  ];
}

/** Hours of which late reports are waited for, besides the running one. */
const LATE_HOURS = 2;

/** Users who ask unusually much, in the running hour and those before it. */
async function detectVolume(
  tx: Executor,
  org: OrgId,
  { query_volume: rule }: RuleSettings,
  now: Date,
): Promise<readonly Finding[]> {
  if (!rule.enabled) return [];
  const running = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const findings: (Finding | undefined)[] = [];
  for (let hour = running - LATE_HOURS * HOUR_MS; hour <= running; hour += HOUR_MS) {
    const at = new Date(hour).toISOString();
    for (const { user, queries } of await findBusyUsers(tx, org, at, FEWEST)) {
      const from = new Date(hour - COMPARED_MS).toISOString();
      const comparable = comparableHours(hour, await findQueriesByHour(tx, org, user, from, at));
      findings.push(detectQueryVolume({ user, at, count: queries }, comparable));
    }
  }
  return findings.filter((each) => each !== undefined);
}
