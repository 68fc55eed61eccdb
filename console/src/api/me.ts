import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api, dataOf, keepCsrfToken } from './client.ts';
import type { MeResponse } from './schema.d.ts';

export type PermissionKey = MeResponse['permissions'][number]['key'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const me = await dataOf(api.GET('/me'));
    keepCsrfToken(me.csrfToken);
    return me;
  },
  staleTime: 60_000,
});

export interface Me extends MeResponse {
  /** How far a permission reaches: undefined where one does not have it. */
  readonly scopeOf: (permission: PermissionKey) => string | undefined;
  /** Whether one has a permission for the whole organization. */
  readonly may: (permission: PermissionKey) => boolean;
  /** Whether one has a permission for others than oneself. */
  readonly mayForOthers: (permission: PermissionKey) => boolean;
}

/** The signed-in user and their permissions. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  const scopes = new Map(data.permissions.map(({ key, scope }) => [key, scope]));
  const scopeOf = (permission: PermissionKey) => {
    const scope = scopes.get(permission);
    return scope === 'none' ? undefined : scope;
  };
  return {
    ...data,
    scopeOf,
    may: (permission) => scopeOf(permission) === 'all',
    mayForOthers: (permission) => ['all', 'group', 'member'].includes(scopeOf(permission) ?? ''),
  };
}

/** The specification's sentence for what one may not do. */
export const NO_PERMISSION = "You don't have permission to access this";
