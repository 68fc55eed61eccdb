import { findNames, type PartyName } from '../audit/store/names.ts';
import { searchEvents } from '../audit/store/search.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { Database } from '../platform/db/database.ts';
import type { Locate } from '../platform/locations/location.ts';
import { DAY_MS, MINUTE_MS } from '../platform/time.ts';
import { EVENT_DETECTORS, type EventDetector, type SeenEvent } from './event-detectors.ts';
import { ALERT_KINDS, type AlertKind, dedupeKey, type Finding } from './rules/alert.ts';
import { type RuleSettings, readRules } from './settings.ts';
import { detectState } from './state-detectors.ts';
import { type AlertSubject, findExceptions, findStoredRules } from './store/alerts.ts';

/** What a rule would have opened. */
export interface TriedRule {
  readonly kind: AlertKind;
  /** Since when events were looked at, ISO 8601; undefined for a rule about how things are at this moment. */
  readonly from: string | undefined;
  /** How many alerts there would be. */
  readonly alerts: number;
  /** The same with the rule as it is stored. */
  readonly alertsAsStored: number;
  /** The latest of the alerts. */
  readonly examples: readonly TriedAlert[];
}

/** An alert that would have been opened. */
export interface TriedAlert extends Pick<Finding, 'severity' | 'at' | 'detail'> {
  readonly user: PartyName | undefined;
  readonly connection: PartyName | undefined;
}

/**
 * Tries rules on what happened: what they would have opened in the last days, beside what they would have opened as they
 * are stored. Nothing is written.
 * @param changes rules with other settings; all rules as they are stored if there are none
 */
export type TryRules = (
  by: Authority,
  changes: Partial<RuleSettings>,
  days: number,
) => Promise<readonly TriedRule[]>;

/** Events that a detector is given at most, the newest of the days: about as many as are read within a second. */
const MOST_EVENTS = 2_000;
const EXAMPLES = 5;
const BATCH = 500;
/** Detectors that judge a batch are given one for each minute in which something happened. */
const BATCH_MS = MINUTE_MS;

/** Events of some days, the oldest first, and since when they are all there are. */
interface Past {
  readonly events: readonly SeenEvent[];
  readonly from: string;
}

/** Builds what tries rules on the past. */
export function createRuleTrial({
  db,
  now,
  locate,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly locate: Locate;
}): TryRules {
  return async ({ org }, changes, days) => {
    const time = now();
    const stored = readRules(await findStoredRules(db, org));
    const drafted: RuleSettings = { ...stored, ...changes };
    const sent = ALERT_KINDS.filter((kind) => changes[kind] !== undefined);
    const kinds = sent.length > 0 ? sent : ALERT_KINDS;
    const isAbout = (detector: EventDetector) => detector.kinds.some((kind) => kinds.includes(kind));
    const pasts = new Map<EventDetector, Past>();
    for (const detector of EVENT_DETECTORS.filter(isAbout)) {
      pasts.set(detector, await readPast(db, org, detector, new Date(time.getTime() - days * DAY_MS)));
    }
    const exceptions = new Set((await findExceptions(db, org, kinds)).map(subjectKey));
    const detect = async (rules: RuleSettings): Promise<readonly Finding[]> => {
      const only = withOnly(rules, kinds);
      const found = [...(await detectState(db, org, only, time))];
      for (const [detector, { events }] of pasts) {
        for (const batch of batchesFor(detector, events)) {
          found.push(...(await detector.detect(db, org, batch, only, locate)));
        }
      }
      const alerts = [...new Map(found.map((each) => [dedupeKey(each), each])).values()];
      return alerts
        .filter(({ kind, user, connection, key }) => {
          const subject = user ?? connection;
          return subject === undefined || !exceptions.has(subjectKey({ kind, subject, key }));
        })
        .sort((left, right) => (left.at < right.at ? 1 : -1));
    };
    const found = await detect(drafted);
    const before = sent.length > 0 ? await detect(stored) : found;
    const names = await findNames(db, org, [
      ...new Set([...found, ...before].flatMap(({ user, connection }) => user ?? connection ?? [])),
    ]);
    // An erased user has no alerts any more.
    const isKnown = ({ user }: Finding) => user === undefined || names.has(user);
    return kinds.map((kind): TriedRule => {
      const ofKind = (each: Finding) => each.kind === kind && isKnown(each);
      const alerts = found.filter(ofKind);
      const past = [...pasts].find(([detector]) => detector.kinds.includes(kind))?.[1];
      return {
        kind,
        from: past?.from,
        alerts: alerts.length,
        alertsAsStored: before.filter(ofKind).length,
        examples: alerts.slice(0, EXAMPLES).map(({ severity, at, detail, user = '', connection = '' }) => ({
          severity,
          at,
          detail,
          user: names.get(user),
          connection: names.get(connection),
        })),
      };
    });
  };
}

const subjectKey = ({ kind, subject, key }: AlertSubject) => [kind, subject, key].join(' ');

/** The rules of some kinds; the others are off. */
const withOnly = (rules: RuleSettings, kinds: readonly AlertKind[]): RuleSettings =>
  Object.fromEntries(
    ALERT_KINDS.map((kind) => [
      kind,
      kinds.includes(kind) ? rules[kind] : { ...rules[kind], enabled: false },
    ]),
  ) as unknown as RuleSettings;

async function readPast(db: Database, org: OrgId, { actions }: EventDetector, since: Date): Promise<Past> {
  const events: SeenEvent[] = [];
  const from = since.toISOString();
  let before: string | undefined;
  do {
    const slice = await searchEvents(db, org, { actions, from }, before, MOST_EVENTS - events.length);
    events.push(...slice.rows);
    before = slice.next;
  } while (before !== undefined && events.length < MOST_EVENTS);
  const oldest = events.at(-1);
  return {
    events: events.reverse(),
    from: before === undefined || oldest === undefined ? from : oldest.at,
  };
}

/** The batches in which a detector is shown events. */
function batchesFor({ judgesBatches }: EventDetector, events: readonly SeenEvent[]): SeenEvent[][] {
  const batches: SeenEvent[][] = [];
  for (const event of events) {
    const batch = batches.at(-1);
    const first = batch?.[0];
    const isFull =
      first === undefined ||
      (judgesBatches
        ? Date.parse(event.at) - Date.parse(first.at) >= BATCH_MS
        : (batch?.length ?? 0) >= BATCH);
    if (isFull) batches.push([event]);
    else batch?.push(event);
  }
  return batches;
}
