import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { NO_PERMISSION, type PermissionKey, useMe } from '../../api/me.ts';
import type { User, UserDetail } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', id],
    queryFn: async () => (await dataOf(api.GET('/users/{id}', { params: { path: { id } } }))) as UserDetail,
  });

/** A change of users: what is shown of them is asked for again. */
export function useUserChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['users'], ['groups'], ['audit'], ['attention']]);
}

export const DIRECTORY_MANAGES = 'This user is managed by your SCIM provider and cannot be changed manually';
const ROLE_FROM_DIRECTORY =
  'The role is set by your SCIM provider. Change it there, or give a temporary role here.';
const DELETED = 'This user is deleted: restore them first.';
const ONESELF = 'You cannot change your own role, status or owner flag: ask another administrator.';

export type Act = 'role' | 'edit' | 'deactivate' | 'delete' | 'elevate' | 'unlock' | 'groups';
const PERMISSION_OF: Readonly<Record<Act, PermissionKey>> = {
  role: 'roles:assign',
  elevate: 'roles:assign',
  edit: 'users:manage',
  deactivate: 'users:manage',
  unlock: 'users:manage',
  groups: 'groups:members',
  delete: 'users:delete',
};

/** Why acts are not possible with a user, by act, in the API's own words; an act that is possible is not in it. */
export function useLocks(user: User): Readonly<Partial<Record<Act, string>>> {
  const me = useMe();
  const needed = [...new Set(Object.values(PERMISSION_OF))];
  const { data } = useQuery({
    queryKey: ['users', user.id, 'locks', me.user.id, user.version],
    staleTime: 60_000,
    queryFn: async () => {
      const answers = await Promise.all(
        needed.map(async (permission) => {
          // Membership is about groups: whether one manages any of them is all that can be said here. A deleted user can only
          // be restored or removed for good, by those who may delete.
          const isAny =
            permission === 'groups:members' || (permission === 'users:delete' && user.status === 'deleted');
          const resource = isAny ? {} : { resource: { type: 'user', id: user.id } };
          const answer = await dataOf(
            api.POST('/authz/explain', { body: { userId: me.user.id, permission, ...resource } }),
          );
          const denial = answer.reasons.find(({ effect }) => effect === 'denies')?.text;
          return [permission, answer.allowed ? undefined : (denial ?? NO_PERMISSION)] as const;
        }),
      );
      return Object.fromEntries(answers);
    },
  });
  const directory = {
    ...(user.roleManagedBy === 'scim' ? { role: ROLE_FROM_DIRECTORY } : {}),
    ...(user.managedBy === 'scim' ? { edit: DIRECTORY_MANAGES } : {}),
    ...(user.managedBy === 'scim' && !me.user.owner ? { deactivate: DIRECTORY_MANAGES } : {}),
  };
  const refused = Object.fromEntries(
    Object.entries(PERMISSION_OF).flatMap(([act, permission]) => {
      const reason = data?.[permission];
      return reason === undefined ? [] : [[act, reason]];
    }),
  );
  const own = user.id === me.user.id ? { role: ONESELF, deactivate: ONESELF, delete: ONESELF } : {};
  if (user.status === 'deleted') {
    const others = Object.keys(PERMISSION_OF).filter((act) => act !== 'delete');
    return { ...refused, ...Object.fromEntries(others.map((act) => [act, DELETED])) };
  }
  return { ...directory, ...refused, ...own };
}
