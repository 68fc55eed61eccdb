import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { Group } from '../../api/schema.d.ts';
import type { RoleName } from '../../components/role.tsx';

export type CarriedRole = RoleName | null;

/** Whose role would change, and how, if the group carried that one. */
export const useRoleImpact = (group: Group, role: CarriedRole, enabled: boolean) =>
  useQuery({
    queryKey: ['groups', group.id, 'dry-run', role, group.version],
    enabled,
    retry: false,
    queryFn: () =>
      dataOf(api.POST('/groups/{id}/dry-run', { params: { path: { id: group.id } }, body: { role } })),
  });
