import type { EventOn, TargetedEvent } from '../../audit/catalogue.ts';
import type { CommandContext, CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, isOwner } from '../../directory/roles/authority.ts';
import { requirePermissions } from '../../directory/roles/rules/guards.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import { type Trust, widensTrust } from '../rules/trust-changes.ts';
import { type ConnectionWarning, connectionWarnings, LIVE_EDIT } from '../rules/warnings.ts';
import { touchSsoConnection } from '../store/connections.ts';
import { forgetConfirmationRows } from '../store/identities.ts';
import { ownersSignInThrough } from '../store/identity-links.ts';
import { type CompleteSsoConnection, loadCompleteConnection } from './administered.ts';

/** A connection and what an administrator should know of it. */
export interface ConnectionReport {
  readonly connection: CompleteSsoConnection;
  readonly warnings: readonly ConnectionWarning[];
}

/** What a change meant: nothing, something, or something that a test had proved before. */
export type ChangeEffect = 'none' | 'changed' | 'untested';

/** A change of one connection, inside its transaction. */
export interface ConnectionChange {
  readonly context: CommandContext;
  readonly actor: Authority;
  readonly before: CompleteSsoConnection;
  /** Records what happened to the connection. */
  recordEvent(event: EventOn<'sso_connection'>): void;
}

/** Changes one connection. */
export type ChangeConnection = (
  by: Authority,
  id: ConnectionId,
  ifMatch: readonly string[] | undefined,
  apply: (change: ConnectionChange) => Promise<ChangeEffect>,
) => Promise<ConnectionReport>;

/**
 * Builds the frame of every command that changes a connection: `sso:manage` of the whole organization, the version
 * that was read, and afterwards a new version, with the test forgotten if it no longer proves anything. A trusted
 * provider can sign in as any user of the connection. Where owners sign in through it, only an owner may change it,
 * since admins do not act on owners (docs/roles.md §1). Pending link confirmations become invalid: they were about the
 * provider as it was.
 * Throws DomainError `not_found`, `forbidden`, `version_mismatch`, `owner_only`, and whatever `apply` does.
 */
export function createChangeConnection({ runner }: { readonly runner: CommandRunner }): ChangeConnection {
  return (by, id, ifMatch, apply) =>
    runner.runAs(by, async (context, actor) => {
      requirePermissions(actor, 'sso:manage');
      const { tx, org, at, time } = context;
      const before = await loadCompleteConnection(tx, org, id, at);
      requireVersion('connection', before.version, ifMatch);
      const recordEvent: ConnectionChange['recordEvent'] = (event) =>
        context.recordEvent({ ...event, target: ['sso_connection', id] } as TargetedEvent);
      const effect = await apply({ context, actor, before, recordEvent });
      if (effect === 'none') return report(before, time);
      await touchSsoConnection(tx, org, id, effect === 'untested', at);
      const after = await loadCompleteConnection(tx, org, id, at);
      if (widensTrust(trustOf(before), trustOf(after))) {
        await requireOwnersConsent(context, actor, after);
        await forgetConfirmationRows(tx, org, id);
      }
      const { connection, warnings } = report(after, time);
      const isLive = before.state === 'active' && after.state === 'active';
      return { connection, warnings: isLive ? [LIVE_EDIT, ...warnings] : warnings };
    });
}

const trustOf = ({ settings, certificates }: CompleteSsoConnection): Trust => ({
  settings: { ...settings },
  certificates: certificates.map(({ fingerprint }) => fingerprint),
});

/** @throws DomainError `owner_only` */
async function requireOwnersConsent(
  { tx, org }: CommandContext,
  actor: Authority,
  { id, provisioning: { defaultRole, roleMapping } }: CompleteSsoConnection,
): Promise<void> {
  if (isOwner(actor.rights)) return;
  if (await ownersSignInThrough(tx, org, id)) {
    throw new DomainError(
      'owner_only',
      'An owner signs in through this connection, so only an owner may change which provider it trusts.',
    );
  }
  const makesAdmins = [defaultRole, ...roleMapping.map(({ role }) => role)].includes('admin');
  if (makesAdmins && (await findSettings(tx, org)).settings.onlyOwnersGrantAdmin) {
    throw new DomainError(
      'owner_only',
      'This connection assigns the role admin, which only owners may grant: only an owner may change which provider it trusts.',
    );
  }
}

/** A connection with its warnings. */
export function report(connection: CompleteSsoConnection, now: Date): ConnectionReport {
  return { connection, warnings: connectionWarnings(connection, now) };
}
