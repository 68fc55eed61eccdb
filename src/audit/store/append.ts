import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { outcomeOf, type TargetedEvent } from '../catalogue.ts';
import { type EventEnvelope, eventId } from '../envelope.ts';
import { insertRows } from './event-sql.ts';

const insert: Statement = {
  name: 'events-insert',
  text: insertRows('action', 'outcome', 'target_type', {
    id: 'id',
    at: '$2',
    actor: '$3',
    context: '$4',
    target: 'target_id',
    member: 'member_id',
    changes: 'changes::jsonb',
    reason: 'reason',
    session: 'session_id',
    from: `unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::text[], $12::text[],
        $13::uuid[]) as e (id, action, outcome, target_type, target_id, member_id, changes, reason, session_id)`,
  }),
};

/** Writes the events of a command, in its transaction. */
export async function recordEvents(
  tx: Executor,
  org: OrgId,
  { idBase, at, actor, context }: EventEnvelope,
  events: readonly TargetedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(insert, [
    org,
    at,
    actor,
    context,
    events.map((_, ordinal) => eventId(idBase, ordinal)),
    events.map(({ action }) => action),
    events.map(({ action }) => outcomeOf(action)),
    events.map(({ target: [type] }) => type),
    events.map(({ target: [, id] }) => id),
    events.map(({ member }) => member ?? null),
    events.map(({ changes }) => (changes === undefined ? null : JSON.stringify(changes))),
    events.map(({ reason }) => reason ?? null),
    events.map(({ session = context[1] }) => session ?? null),
  ]);
}
