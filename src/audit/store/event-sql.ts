import { type EVENTS, type EventAction, outcomeOf } from '../catalogue.ts';
import type { TargetOf, TargetType } from '../declaration.ts';

/** The columns of an event row, in the order in which `selectEvents` has them. */
const columns = `events (org_id, id, at, action, outcome, actor_type, actor_id, via, actor_user_id, actor_key_id,
        target_type, target_id, member_id, changes, reason, request_id, session_id, ip, user_agent, country)`;

/** The SQL of the events that a statement writes; `$1` is the organization. Times and ids are SQL, as all else. */
interface EventRows {
  /** Of `EventEnvelope`: its time, the event's id, and the two arrays. */
  readonly at: string;
  readonly id: string;
  readonly actor: string;
  readonly context: string;
  readonly target: string;
  /** The other party. */
  readonly member?: string;
  /** jsonb */
  readonly changes?: string;
  readonly reason?: string;
  /** The session, where it is another one than that of the request. */
  readonly session?: string;
  /** What yields a row for each event. */
  readonly from: string;
}

/** The name of an event as an SQL literal. */
export const eventName = (action: EventAction): string => `'${action}'`;

/** Inserts events of one name, for whose target type the catalogue stands. */
export function insertEvents<Action extends EventAction>(
  action: Action,
  targetType: TargetOf<(typeof EVENTS)[Action]>,
  rows: EventRows,
): string {
  return insertRows(eventName(action), `'${outcomeOf(action)}'`, `'${targetType}'`, rows);
}

/**
 * Inserts events whose names the statement computes or is given: of a type of target whose events all succeed.
 * @param action SQL
 */
export function insertEventsOn(targetType: TargetType, action: string, rows: EventRows): string {
  return insertRows(action, "'success'", `'${targetType}'`, rows);
}

/** Inserts events of which all is SQL. */
export function insertRows(action: string, outcome: string, targetType: string, rows: EventRows): string {
  const { id, at, actor, context, target, member = 'null', changes = 'null', reason = 'null', from } = rows;
  const { session = `${element(context, 2)}::uuid` } = rows;
  return `insert into ${columns}
      select $1, ${id}, ${at}, ${action}, ${outcome}, ${actorColumns(actor)}, ${targetType}, ${target}, ${member},
        ${changes}, ${reason}, ${contextColumns(context, session)}
      from ${from}`;
}

const element = (array: string, index: number) => `(${array}::text[])[${index}]`;

const actorColumns = (actor: string) =>
  `${[1, 2, 3].map((index) => element(actor, index)).join(', ')}, ${element(actor, 4)}::uuid, ${element(actor, 5)}::uuid`;

const contextColumns = (context: string, session: string) =>
  `${element(context, 1)}, ${session}, ${element(context, 3)}::inet, ${element(context, 4)}, ${element(context, 5)}`;

/** The id of a command's nth event: the command's prefix and the ordinal in hexadecimal (audit/envelope.ts). */
export function eventIdSql(base: string, ordinal: string): string {
  return `(${base} || lpad(to_hex(${ordinal}), 6, '0'))::uuid`;
}
