import type { CommandContext } from '../directory/command-runner.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { endProviderSessions } from '../sign-in/store/sessions.ts';

/** Ends sessions that a connection began: all of them, or a subject's; records it for each user. */
export async function endSessionsThrough(
  { tx, org, at, recordEvent }: CommandContext,
  connection: ConnectionId,
  subject?: string,
): Promise<void> {
  const ended = await endProviderSessions(tx, org, connection, { subject, indexes: undefined }, at);
  const counts = new Map<string, number>();
  for (const user of ended) counts.set(user, (counts.get(user) ?? 0) + 1);
  for (const [user, count] of counts) {
    recordEvent({
      action: 'session.ended',
      target: ['user', user],
      changes: { values: { sessions: [count, 0], by: [null, 'connection'] } },
    });
  }
}
