import type { CommandContext } from '../../directory/command-runner.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../../directory/roles/authority.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import type { Role } from '../../directory/users/user.ts';
import { type DirectoryUser, userDisplayName } from '../../directory/users/user.ts';
import { sendMail } from '../../notifications/mails.ts';
import type { SecretBox } from '../../platform/secret-box.ts';

/** Records that a user has a temporary role: an event, and a mail to them. Times are ISO 8601. */
export async function recordGranted(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { id, role, expiresAt, reason }: { id: string; role: Role; expiresAt: string; reason: string },
  seal: SecretBox,
): Promise<void> {
  const { tx, org, newId, recordEvent } = context;
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
  const mail = {
    template: 'elevation_granted',
    to: user.email,
    organization,
    role,
    by: giver,
    expiresAt,
  } as const;
  await sendMail(tx, seal, org, newId(), mail);
}
