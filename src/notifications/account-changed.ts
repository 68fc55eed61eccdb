import type { CommandContext } from '../directory/command-runner.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { findDirectoryUser } from '../directory/users/store/users.ts';
import { type DirectoryUser, userDisplayName } from '../directory/users/user.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { sendMail } from './mails.ts';

/** Mails a user what changed in their account, and who changed it (R72). */
export async function notifyOfChanges(
  { tx, org, at, newId }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  changes: readonly string[],
  { seal }: { readonly seal: SecretBox },
): Promise<void> {
  if (changes.length === 0) return;
  const { organization } = await findSettings(tx, org);
  const changer = await findDirectoryUser(tx, org, by.rights.id, at);
  const name = changer === undefined ? organization : userDisplayName(changer);
  const mail = { template: 'account_changed', to: user.email, organization, by: name, changes } as const;
  await sendMail(tx, seal, org, newId(), mail);
}
