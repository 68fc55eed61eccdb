import type { EventAction, EventChanges } from '../../audit/events.ts';
import type { Administer, Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, isSuperAdmin } from '../../directory/roles/authority.ts';
import { demandAll } from '../../directory/roles/rules/guards.ts';
import { demandVersion } from '../../directory/rules/versions.ts';
import { type Trust, trustsMore } from '../rules/trust-changes.ts';
import { type ConnectionWarning, connectionWarnings, LIVE_EDIT } from '../rules/warnings.ts';
import { touchSsoConnection } from '../store/connections.ts';
import { forgetConfirmationRows } from '../store/identities.ts';
import { ownersArriveThrough } from '../store/identity-links.ts';
import { loadWhole, type WholeSsoConnection } from './administered.ts';

/** A connection and what an administrator should know of it. */
export interface ConnectionReport {
  readonly connection: WholeSsoConnection;
  readonly warnings: readonly ConnectionWarning[];
}

/** What a change meant: nothing, something, or something that a test had proved before. */
export type ChangeEffect = 'none' | 'changed' | 'untested';

/** A change of one connection, inside its transaction. */
export interface ConnectionChange {
  readonly work: Work;
  readonly actor: Authority;
  readonly before: WholeSsoConnection;
  /** Says what happened to the connection. */
  note(action: EventAction, changes?: EventChanges): void;
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
 * that was looked at, and afterwards a new version, with the test forgotten if it proves nothing any more. Whom a
 * connection believes can sign in as whoever signs in through it, so where owners do, an owner decides: an admin acts on
 * everybody except Super Admins (PRODUCT §1.2). People who were asked by mail whether they are meant there were asked
 * about another provider, so those mails count no more.
 * Throws Refusal `not_found`, `forbidden`, `version_mismatch`, `owner_only`, and whatever `apply` does.
 */
export function createChangeConnection({
  administer,
}: {
  readonly administer: Administer;
}): ChangeConnection {
  return (by, id, ifMatch, apply) =>
    administer.as(by, async (work, actor) => {
      demandAll(actor, 'sso:manage');
      const { tx, org, at, time } = work;
      const before = await loadWhole(tx, org, id, at);
      demandVersion('connection', before.version, ifMatch);
      const note: ConnectionChange['note'] = (action, changes) =>
        work.note({ action, target: ['connection', id], ...(changes === undefined ? {} : { changes }) });
      const effect = await apply({ work, actor, before, note });
      if (effect === 'none') return report(before, time);
      await touchSsoConnection(tx, org, id, effect === 'untested', at);
      const after = await loadWhole(tx, org, id, at);
      if (trustsMore(trustOf(before), trustOf(after))) {
        await demandOwnersConsent(work, actor, after);
        await forgetConfirmationRows(tx, org, id);
      }
      const { connection, warnings } = report(after, time);
      const isLive = before.state === 'active' && after.state === 'active';
      return { connection, warnings: isLive ? [LIVE_EDIT, ...warnings] : warnings };
    });
}

const trustOf = ({ settings, certificates }: WholeSsoConnection): Trust => ({
  settings: { ...settings },
  certificates: certificates.map(({ fingerprint }) => fingerprint),
});

/** @throws Refusal `owner_only` */
async function demandOwnersConsent(
  { tx, org }: Work,
  actor: Authority,
  { id, provisioning: { defaultRole, roleMapping } }: WholeSsoConnection,
): Promise<void> {
  if (isSuperAdmin(actor.rights)) return;
  if (await ownersArriveThrough(tx, org, id)) {
    throw new Refusal(
      'owner_only',
      'A Super Admin signs in through this connection, so only a Super Admin changes whom it believes.',
    );
  }
  const makesAdmins = [defaultRole, ...roleMapping.map(({ role }) => role)].includes('admin');
  if (makesAdmins && (await findSettings(tx, org)).settings.onlyOwnersGrantAdmin) {
    throw new Refusal(
      'owner_only',
      'This connection makes admins, and only Super Admins may: so only a Super Admin changes whom it believes.',
    );
  }
}

/** A connection with its warnings. */
export function report(connection: WholeSsoConnection, now: Date): ConnectionReport {
  return { connection, warnings: connectionWarnings(connection, now) };
}
