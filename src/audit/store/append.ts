import type { OrgId } from '../../directory/ids.ts';
import { eventColumns } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { type EventEnvelope, eventId, type TargetedEvent } from '../events.ts';

const insert: Statement = {
  name: 'events-insert',
  text: `insert into ${eventColumns}
    select $1, id, $2, action, $3::jsonb, target_type, target_id, member_id, changes::jsonb, $4::jsonb
    from unnest($5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::uuid[], $10::text[])
      as e (id, action, target_type, target_id, member_id, changes)`,
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
    events.map(({ target: [type] }) => type),
    events.map(({ target: [, id] }) => id),
    events.map(({ member }) => member ?? null),
    events.map(({ changes }) => (changes === undefined ? null : JSON.stringify(changes))),
  ]);
}
