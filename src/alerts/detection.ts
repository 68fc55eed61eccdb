import { envelope } from '../audit/envelope.ts';
import { beginFeed, consumeEvents, consumeInTurns, type FeedEvent } from '../audit/feed.ts';
import { recordEvents } from '../audit/store/append.ts';
import { findOrganizationsBehind } from '../audit/store/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import { findSettledOrganizations } from '../directory/organizations/store/demonstrations.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { smallestUuidv7, uuidv7 } from '../platform/ids.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import type { Locate } from '../platform/locations/location.ts';
import { DAY_MS, HOUR_MS } from '../platform/time.ts';
import { EVENT_DETECTORS, learnSignIns } from './event-detectors.ts';
import type { Finding } from './rules/alert.ts';
import { readRules } from './settings.ts';
import { detectState } from './state-detectors.ts';
import { findStoredRules, insertAlerts } from './store/alerts.ts';

/** Events that one transaction looks at. */
const BATCH = 500;

export interface DetectionDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly locate: Locate;
}

export interface Detection {
  /** Looks at everything that happened since the last time. Safe to repeat. */
  watchEvents(signal: AbortSignal): Promise<void>;
  /** Looks for what is about to expire, for connections that fell silent, and for users who ask unusually much. */
  watchState(signal: AbortSignal): Promise<void>;
  /** Both for one organization. */
  watchOrganization(org: OrgId, signal: AbortSignal): Promise<void>;
}

/** Builds what finds the unusual: behind the commands, so that a detector that is slow or fails delays no one. */
export function createDetection({ db, now, locate }: DetectionDependencies): Detection {
  const open = async (tx: Executor, org: OrgId, findings: readonly Finding[]): Promise<void> => {
    const time = now();
    const opened = await insertAlerts(tx, org, findings, () => uuidv7(time.getTime()));
    const origin = {
      actor: { type: 'system', id: 'worker', via: 'schedule' },
      requestId: uuidv7(time.getTime()),
    } as const;
    await recordEvents(
      tx,
      org,
      envelope(origin, uuidv7(time.getTime()), time.toISOString()),
      opened.map(({ id, kind, severity, userId, connectionId }) => ({
        action: 'alert.opened',
        target: ['alert', id],
        changes: {
          values: {
            kind: [null, kind],
            severity: [null, severity],
            ...(userId === null ? {} : { user: [null, userId] as const }),
            ...(connectionId === null ? {} : { connection: [null, connectionId] as const }),
          },
        },
      })),
    );
  };

  const look = async (tx: Executor, org: OrgId, events: readonly FeedEvent[]): Promise<void> => {
    const rules = readRules(await findStoredRules(tx, org));
    const findings: Finding[] = [];
    for (const { detect } of EVENT_DETECTORS) {
      findings.push(...(await detect(tx, org, events, rules, locate)));
    }
    await learnSignIns(tx, org, events);
    // What happened long ago is learned from, and not told: the first run after an upgrade reads all events.
    await open(
      tx,
      org,
      findings.filter(({ at }) => now().getTime() - Date.parse(at) < DAY_MS),
    );
  };

  const watchEventsOf = (orgs: readonly OrgId[], signal: AbortSignal) => {
    const watchBatch = async (org: OrgId): Promise<number> => {
      await beginFeed(db, org, 'alerts', smallestUuidv7(now().getTime() - HOUR_MS));
      return consumeEvents(db, org, 'alerts', BATCH, (tx, events) => look(tx, org, events));
    };
    return consumeInTurns(orgs, BATCH, watchBatch, signal);
  };
  const watchStateOf = (org: OrgId) =>
    db.transaction(org, async (tx) => {
      const rules = readRules(await findStoredRules(tx, org));
      await open(tx, org, await detectState(tx, org, rules, now()));
    });

  return {
    watchEvents: async (signal) => watchEventsOf(await findOrganizationsBehind(db, 'alerts'), signal),

    watchState: async (signal) => attemptEach(await findSettledOrganizations(db), watchStateOf, signal),

    watchOrganization: async (org, signal) => {
      await watchEventsOf([org], signal);
      await watchStateOf(org);
    },
  };
}
