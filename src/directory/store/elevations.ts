import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId, UserId } from '../ids.ts';
import type { Role } from '../users/user.ts';

const insert: Statement = {
  name: 'elevation-insert',
  text: `insert into elevations (org_id, id, user_id, role, justification, ticket, state, duration_minutes,
      requested_by, decided_by, created_at, starts_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};

/** An elevation that begins, or waits for somebody to allow it. Times are ISO 8601. */
export interface NewElevation {
  readonly id: string;
  readonly user: UserId;
  readonly role: Role;
  readonly justification: string;
  readonly ticket: string | undefined;
  readonly minutes: number;
  readonly requestedBy: UserId;
  /** Undefined if it waits. */
  readonly granted: { readonly by: UserId; readonly expiresAt: string } | undefined;
}

export async function insertElevation(
  tx: Executor,
  org: OrgId,
  elevation: NewElevation,
  at: string,
): Promise<void> {
  const { id, user, role, justification, ticket, minutes, requestedBy, granted } = elevation;
  await tx.query(insert, [
    org,
    id,
    user,
    role,
    justification,
    ticket ?? null,
    granted === undefined ? 'pending' : 'active',
    minutes,
    requestedBy,
    granted?.by ?? null,
    at,
    granted === undefined ? null : at,
    granted?.expiresAt ?? null,
  ]);
}
