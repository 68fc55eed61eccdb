import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Group, GroupMembersResponse } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import type { Search } from '../../app/router.tsx';
import type { FilterField } from '../../components/filter-chips.tsx';
import { ROLES, TIERS } from '../../components/role.tsx';

/** What the list of groups can be narrowed by; the keys stand in the address. */
export const GROUP_FILTERS: readonly FilterField[] = [
  {
    key: 'role',
    label: 'Role',
    options: ROLES.map((role) => ({ value: role, label: `${role} (${TIERS[role]})` })),
  },
  {
    key: 'source',
    label: 'Source',
    options: [
      { value: 'manual', label: 'Manual' },
      { value: 'scim', label: 'SCIM' },
      { value: 'sso', label: 'SSO' },
    ],
  },
];

const PAGE = 50;

/** The pages of the list of groups that an address describes. */
export const groupsQuery = (search: Search) => {
  const given = ['q', 'role', 'source'].flatMap((key) => (search[key] ? [[key, search[key]] as const] : []));
  // The server says in a sentence which value of an address it does not take.
  const query = Object.fromEntries(given) as Readonly<Record<string, never>>;
  return infiniteQueryOptions({
    queryKey: ['groups', 'list', query],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      const page = await dataOf(
        api.GET('/groups', { params: { query: { ...query, limit: PAGE, ...cursor } }, signal }),
      );
      return page as { data: Group[]; nextCursor: string | null };
    },
  });
};

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ['groups', id],
    queryFn: async () => (await dataOf(api.GET('/groups/{id}', { params: { path: { id } } }))) as Group,
  });

export type Member = Extract<GroupMembersResponse['data'][number], { readonly suspended: boolean }>;

/** The members of a group, page by page. */
export const membersQuery = (
  id: string,
  filter: { readonly q?: string; readonly inGroupRole?: 'member' | 'manager' },
  limit = 100,
) =>
  infiniteQueryOptions({
    queryKey: ['groups', id, 'members', filter, limit],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      const page = await dataOf(
        api.GET('/groups/{id}/members', {
          params: { path: { id }, query: { ...filter, limit, ...cursor } },
          signal,
        }),
      );
      return page as { data: Member[]; nextCursor: string | null };
    },
  });

/** A change of groups: what is shown of them and of their members is asked for again. */
export function useGroupChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  /** Before that: what has asked may be gone, or be another one, afterwards. */
  onSuccess?: (output: Output, input: Input) => void | Promise<void>,
) {
  return useChange(change, [['groups'], ['users'], ['audit'], ['attention']], onSuccess);
}

/** @returns how many are in a group: `14`, `more than 1,000` */
export function memberCount({
  memberCount: count,
  memberCountIsExact,
}: Pick<Group, 'memberCount' | 'memberCountIsExact'>): string {
  const written = count.toLocaleString('en-GB');
  return memberCountIsExact ? written : `more than ${written}`;
}

/** @returns what the directory that owns a group is called; undefined if none does */
export function directoryOf({
  source,
  externalIds,
}: Pick<Group, 'source' | 'externalIds'>): string | undefined {
  if (source === 'manual') return undefined;
  return externalIds[0]?.connectionName ?? 'your identity provider';
}

/** Why acts are not possible with a group; an act that is possible is not in it. */
export interface GroupLocks {
  /** Role, description and grants. */
  readonly manage?: string;
  /** The name, and deleting it. */
  readonly name?: string;
  /** Who is in it. */
  readonly members?: string;
  /** Whom it adds by their address. */
  readonly pattern?: string;
  /** What members are in it. */
  readonly inGroupRole?: string;
}

export function useGroupLocks(group: Group): GroupLocks {
  const me = useMe();
  const { data } = useQuery({
    queryKey: ['groups', group.id, 'locks', me.user.id],
    staleTime: 60_000,
    queryFn: async () => {
      const ask = async (permission: 'groups:manage' | 'groups:members', resource?: object) => {
        const answer = await dataOf(
          api.POST('/authz/explain', {
            body: {
              userId: me.user.id,
              permission,
              ...(resource === undefined ? {} : { resource }),
            } as never,
          }),
        );
        if (answer.allowed) return undefined;
        return answer.reasons.find(({ effect }) => effect === 'denies')?.text ?? NO_PERMISSION;
      };
      const [manage, members] = await Promise.all([
        ask('groups:manage'),
        ask('groups:members', { type: 'group', id: group.id }),
      ]);
      return { manage, members };
    },
  });
  const directory = directoryOf(group);
  const reason = (what: string) =>
    directory === undefined ? undefined : `${what} set by ${directory}: change it there.`;
  const set = (key: keyof GroupLocks, because: string | undefined) =>
    because === undefined ? {} : { [key]: because };
  return {
    ...set('manage', data?.manage),
    ...set('name', data?.manage ?? reason('The name is')),
    ...set('members', data?.members ?? reason('Who is in the group is')),
    ...set('pattern', data?.manage ?? reason('Who is in the group is') ?? noPatternFor(group)),
    ...set('inGroupRole', data?.members),
  };
}

const noPatternFor = ({ role }: Pick<Group, 'role'>): string | undefined =>
  role === 'admin' ? 'A group that carries admin adds no one by their address.' : undefined;
