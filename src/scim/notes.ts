import type { Provisioner } from '../directory/actor.ts';
import type { WrittenUserRecord } from '../directory/users/user.ts';

/**
 * What a write of a user did not have the effect of that its sender may expect. The response header `Rollcall-Note`
 * and the log line have it: an error would keep a directory from doing the rest.
 * @param sendsRoles whether the request gives `roles` a value
 */
export function notesOf(
  { settings }: Provisioner,
  { emailSharedWith }: WrittenUserRecord,
  sendsRoles: boolean,
): readonly string[] {
  return [
    ...(emailSharedWith === undefined
      ? []
      : [
          `The e-mail address stays in the profile only: it is the sign-in address of user ${emailSharedWith}.`,
        ]),
    ...(sendsRoles && settings.roleSource !== 'scim_roles'
      ? [
          `The roles are stored and give no role: the role source of this connection is "${settings.roleSource}".`,
        ]
      : []),
  ];
}
