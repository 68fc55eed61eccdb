import type { CommandContext } from '../../directory/command-runner.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../../directory/roles/authority.ts';
import { type RolePolicy, roleLimit } from '../../directory/roles/rules/guards.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import type { Role } from '../../directory/users/user.ts';
import { type DirectoryUser, userDisplayName } from '../../directory/users/user.ts';
import { type Notice, notify } from '../../notifications/notify.ts';
import { minutesInWords } from '../../platform/counts.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import type { RecordedExpiry } from './store.ts';

/** Records that a user has a temporary role: an event, and a mail to them. Times are ISO 8601. */
export async function recordGranted(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { id, role, expiresAt, reason }: { id: string; role: Role; expiresAt: string; reason: string },
  seal: SecretBox,
): Promise<void> {
  const { tx, org, recordEvent } = context;
  recordEvent({
    action: 'elevation.granted',
    target: ['elevation', id],
    member: user.id,
    changes: { values: { role: [effectiveRole(user), role], expiresAt: [null, expiresAt] } },
    reason,
  });
  const { organization } = await findSettings(tx, org);
  // An elevation that needed no approval, or that a service account gave, comes from the organization.
  const isFromUser = user.id !== by.rights.id && by.accountOwner === undefined;
  const giver = isFromUser ? userDisplayName(await loadDirectoryUser(context, by.rights.id)) : organization;
  await notify(context, seal, 'own_elevations', [
    {
      key: `${id} granted`,
      to: user.id,
      line: `${giver} gave you temporary ${role} access until ${expiresAt}.`,
      mail: { template: 'elevation_granted', role, by: giver, expiresAt },
    },
  ]);
}

/** Tells a user that their temporary role has ended; who is not active any more is told nothing. */
export function endedNotice({ id, user, role }: Pick<RecordedExpiry, 'id' | 'user' | 'role'>): Notice {
  return {
    key: `${id} ended`,
    to: user,
    line: `Your temporary ${role} access has ended.`,
    mail: { template: 'elevation_ended', role },
  };
}

/** Tells whoever may grant the role that a user requests it (R132). */
export async function tellApprovers(
  context: CommandContext,
  requester: DirectoryUser,
  request: {
    readonly id: string;
    readonly role: Role;
    readonly minutes: number;
    readonly justification: string;
  },
  settings: RolePolicy,
  seal: SecretBox,
): Promise<void> {
  const { id, role, minutes } = request;
  const name = userDisplayName(requester);
  const notice: Notice = {
    key: `${id} requested`,
    about: requester.id,
    path: '/elevations',
    line: `${name} asks for temporary ${role} access for ${minutesInWords(minutes)}.`,
    mail: { template: 'elevation_requested', requester: name, ...request },
  };
  await notify(context, seal, 'elevation_request', [notice], {
    except: requester.id,
    only: ({ rights }) => {
      const limit = roleLimit({ rights, scopes: undefined }, settings)?.role;
      return limit !== undefined && compareRoles(role, limit) <= 0;
    },
  });
}
