import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';

/** What permissions mean, in the API's own words. @returns the key itself until the words are there */
export function usePermissionMeanings(): (permission: string) => string {
  const { data } = useQuery({
    queryKey: ['permissions'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => dataOf(api.GET('/permissions')),
  });
  const meanings = new Map(data?.permissions.map(({ key, meaning }) => [key as string, meaning]));
  return (permission) => meanings.get(permission) ?? permission;
}
