import { statedReason } from '../../audit/declaration.ts';
import type { CommandContext, CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, effectiveRole, isSelf, scopeOf } from '../../directory/roles/authority.ts';
import {
  forbidden,
  requireGrantable,
  requireManage,
  requireOther,
  requirePermission,
  requireWholeOrganization,
} from '../../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import type { DirectoryUser, Role } from '../../directory/users/user.ts';
import { notify } from '../../notifications/notify.ts';
import { requireTraining } from '../../onboarding/training.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { endedNotice, recordGranted, tellApprovers } from './granted.ts';
import {
  checkJustification,
  type ElevationEnd,
  needsApproval,
  requireHigher,
  spanOf,
  targetInactive,
} from './rules.ts';
import {
  beginElevation,
  countPendingElevations,
  type Elevation,
  endElevation,
  insertElevation,
  type NewElevation,
} from './store.ts';
import { loadElevation, requirePending } from './target.ts';

/** How many pending requests a user may have. */
const MOST_PENDING = 5;

/** A role that a user is to have for a while. */
export interface ElevationIntent {
  readonly role: Role;
  readonly until: ElevationEnd;
  readonly justification: string;
  readonly ticket: string | undefined;
}

export interface ElevationCommands {
  /**
   * Gives a user a higher role until a time; it takes effect immediately (R133, R134).
   * @throws DomainError `justification_required`, `too_long`, `in_the_past`, `not_higher`, `role_above_limit`,
   *   `self_change`, `target_inactive`, `training_required`
   * @returns the id of the elevation
   */
  grant(by: Authority, user: UserId, intent: ElevationIntent): Promise<string>;
  /**
   * Requests a higher role for the caller; another user approves it (R132), unless the organization needs no
   * approval for the role: then it takes effect immediately.
   * @throws DomainError as `grant`, `too_many`
   */
  request(by: Authority, intent: ElevationIntent): Promise<string>;
  /**
   * Allows a request: its time begins now.
   * @throws DomainError `not_found`, `not_pending`, `self_approval`, `role_above_limit` and those of `grant`
   */
  approve(by: Authority, id: string): Promise<void>;
  /** @throws DomainError `not_found`, `not_pending`, `self_approval` */
  reject(by: Authority, id: string, reason: string | undefined): Promise<void>;
  /** Takes one's own request back. @throws DomainError `not_found`, `not_pending`, `forbidden` */
  cancel(by: Authority, id: string): Promise<void>;
  /** Ends an elevation before its time; also one's own. @throws DomainError `not_found`, `expired`, `forbidden` */
  revoke(by: Authority, id: string, reason: string | undefined): Promise<void>;
}

/** Builds the commands about elevations. */
export function createElevationCommands({
  runner,
  seal,
}: {
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
}): ElevationCommands {
  /** Checks that apply to every elevation. @throws DomainError */
  const requirePossible = async (context: CommandContext, user: DirectoryUser, role: Role): Promise<void> => {
    requireHigher(user, role);
    await requireTraining(context, (await findSettings(context.tx, context.org)).settings, user.id, role);
  };

  /** Decides on a request, which no one does on their own. */
  const loadRequest = async (context: CommandContext, by: Authority, id: string): Promise<Elevation> => {
    requireWholeOrganization(by, 'elevation:approve');
    const elevation = await loadElevation(context, by, id);
    if (isSelf(by, elevation.user) || isSelf(by, elevation.requester.id)) {
      throw new DomainError(
        'self_approval',
        'You cannot decide on your own request: ask another administrator.',
      );
    }
    requirePending(elevation);
    return elevation;
  };

  /** Lets an elevation begin now. @returns its id */
  const begin = async (
    context: CommandContext,
    by: Authority,
    user: DirectoryUser,
    elevation: NewElevation & { readonly granted: { readonly expiresAt: string } },
  ): Promise<string> => {
    const { id, role, justification: reason, granted } = elevation;
    if (!(await insertElevation(context.tx, context.org, elevation, context.at))) throw targetInactive();
    await recordGranted(context, by, user, { id, role, expiresAt: granted.expiresAt, reason }, seal);
    return id;
  };

  return {
    grant: (by, user, intent) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, time, newId } = context;
        const directoryUser = await loadDirectoryUser(context, user);
        requireOther(actor, directoryUser);
        requireManage(actor, directoryUser, 'edit', 'roles:assign');
        const { settings } = await findSettings(tx, org);
        requireGrantable(actor, intent.role, settings);
        const justification = checkJustification(intent.justification);
        await requirePossible(context, directoryUser, intent.role);
        const { minutes, expiresAt } = spanOf(intent.until, time);
        const [id, granter] = [newId(), actor.rights.id];
        const { role, ticket } = intent;
        const granted = { by: granter, expiresAt };
        const elevation = { id, user, role, justification, ticket, minutes, requestedBy: granter, granted };
        return begin(context, actor, directoryUser, elevation);
      }),

    request: (by, intent) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, time, newId, recordEvent } = context;
        requirePermission(actor, 'elevation:request');
        const user = actor.rights.id;
        const justification = checkJustification(intent.justification);
        const directoryUser = await loadDirectoryUser(context, user);
        await requirePossible(context, directoryUser, intent.role);
        const { minutes, expiresAt } = spanOf(intent.until, time);
        const { role, ticket } = intent;
        const id = newId();
        const row = { id, user, role, justification, ticket, minutes, requestedBy: user };
        if (!needsApproval(actor, role, (await findSettings(tx, org)).settings)) {
          return begin(context, actor, directoryUser, { ...row, granted: { by: undefined, expiresAt } });
        }
        if ((await countPendingElevations(tx, org, user)) >= MOST_PENDING) {
          throw new DomainError(
            'too_many',
            `${MOST_PENDING} of your requests are waiting already: cancel one first.`,
          );
        }
        await insertElevation(tx, org, { ...row, granted: undefined }, at);
        recordEvent({
          action: 'elevation.requested',
          target: ['elevation', id],
          member: user,
          changes: { values: { role: [effectiveRole(directoryUser), role], minutes: [null, minutes] } },
          reason: justification,
        });
        const { settings } = await findSettings(tx, org);
        await tellApprovers(context, directoryUser, { id, role, minutes, justification }, settings, seal);
        return id;
      }),

    approve: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, time } = context;
        const request = await loadRequest(context, actor, id);
        const { role, minutes, justification } = request;
        const { settings } = await findSettings(tx, org);
        requireGrantable(actor, role, settings);
        const user = await loadDirectoryUser(context, request.user);
        requireManage(actor, user, 'edit');
        await requirePossible(context, user, role);
        const { expiresAt } = spanOf({ minutes }, time);
        const granted = { by: actor.rights.id, expiresAt };
        if (!(await beginElevation(tx, org, id, granted, at))) throw targetInactive();
        await recordGranted(context, actor, user, { id, role, expiresAt, reason: justification }, seal);
      }),

    reject: (by, id, reason) =>
      runner.runAs(by, async (context, actor) => {
        const { user, role } = await loadRequest(context, actor, id);
        await endElevation(context.tx, context.org, id, 'rejected', actor.rights.id, context.at);
        context.recordEvent({
          action: 'elevation.rejected',
          target: ['elevation', id],
          member: user,
          ...statedReason(reason),
        });
        await notify(context, seal, 'own_elevations', [
          {
            key: `${id} rejected`,
            to: user,
            line: `Your request for temporary ${role} access was rejected.`,
            mail: { template: 'elevation_rejected', role, reason },
          },
        ]);
      }),

    cancel: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        requirePermission(actor, 'elevation:request');
        const elevation = await loadElevation(context, actor, id);
        if (elevation.requester.id !== actor.rights.id) throw forbidden();
        requirePending(elevation);
        await endElevation(context.tx, context.org, id, 'cancelled', actor.rights.id, context.at);
        context.recordEvent({
          action: 'elevation.cancelled',
          target: ['elevation', id],
          member: elevation.user,
        });
      }),

    revoke: (by, id, reason) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        const elevation = await loadElevation(context, actor, id);
        const user = await loadDirectoryUser(context, elevation.user);
        const { settings } = await findSettings(tx, org);
        const own = user.id === actor.rights.id;
        if (own) requirePermission(actor, 'elevation:request');
        else if (scopeOf(actor, 'elevation:approve') !== 'all') {
          requireManage(actor, user, 'edit');
          requireGrantable(actor, elevation.role, settings);
        }
        if (elevation.state !== 'active') {
          throw new DomainError('expired', 'This elevation is not running: there is nothing to end.');
        }
        await endElevation(tx, org, id, 'revoked', actor.rights.id, at);
        recordEvent({
          action: 'elevation.revoked',
          target: ['elevation', id],
          member: user.id,
          changes: { values: { expiresAt: [elevation.expiresAt, at] } },
          ...statedReason(reason),
        });
        if (own) return;
        await notify(context, seal, 'own_elevations', [
          endedNotice({ id, user: user.id, role: elevation.role }),
        ]);
      }),
  };
}
