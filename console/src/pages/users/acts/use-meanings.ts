import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';

/** All permissions, roles and scopes. */
export function usePermissionList() {
  return useQuery({
    queryKey: ['permissions'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => dataOf(api.GET('/permissions')),
  });
}

/** What permissions mean, in the API's own words. @returns the key itself until the words are there */
export function usePermissionMeanings(): (permission: string) => string {
  const { data } = usePermissionList();
  const meanings = new Map(data?.permissions.map(({ key, meaning }) => [key as string, meaning]));
  return (permission) => meanings.get(permission) ?? permission;
}
