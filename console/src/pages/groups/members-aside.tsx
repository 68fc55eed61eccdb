import { IconLock } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { Card } from '../../components/card.tsx';
import { RoleLabel, TIERS } from '../../components/role.tsx';
import { Time } from '../../components/time.tsx';
import { grantName, grantsQuery } from './grants.ts';
import type { GroupTabProps } from './group-page.tsx';
import styles from './groups.module.css';
import { PeopleList } from './people-list.tsx';
import { directoryOf, membersQuery } from './use-groups.ts';

/** What being in the group brings, and for how many it makes a difference. */
export function Gives({ group, locks }: Pick<GroupTabProps, 'group' | 'locks'>) {
  const grants = useQuery(grantsQuery(group.id));
  const without = useQuery({
    queryKey: ['groups', group.id, 'dry-run', null, group.version],
    enabled: group.role !== null && locks.manage === undefined,
    retry: false,
    queryFn: () =>
      dataOf(api.POST('/groups/{id}/dry-run', { params: { path: { id: group.id } }, body: { role: null } })),
  });
  const only = without.data?.changes.reduce((sum, { users }) => sum + users, 0);
  const list = grants.data?.data ?? [];
  return (
    <Card title="What membership gives">
      {group.role === null ? (
        <p className="muted">No role of its own.</p>
      ) : (
        <p className="row">
          <RoleLabel role={group.role} /> <span className="muted">{TIERS[group.role]}</span>
        </p>
      )}
      {list.length > 0 && (
        <ul className={styles.lines}>
          {list.slice(0, 8).map((grant) => (
            <li key={`${grant.resourceType} ${grant.resourceId ?? grant.tag} ${grant.level}`}>
              <span className="grow ellipsis" dir="auto">
                {grantName(grant)}
              </span>
              <span className="muted">{grant.level}</span>
            </li>
          ))}
        </ul>
      )}
      {list.length > 8 && <p className="muted small">and {list.length - 8} more, in Grants</p>}
      {group.role !== null && group.memberCount > 0 && only !== undefined && (
        <p className="muted small">
          {only === 0
            ? `Everyone in it has ${group.role} from elsewhere, too: the role adds nothing.`
            : `${only.toLocaleString('en-GB')} of ${group.memberCount.toLocaleString('en-GB')} would have less without it.`}
        </p>
      )}
    </Card>
  );
}

/** What the directory owns, and where to change it. */
export function SetByDirectory({ group }: Pick<GroupTabProps, 'group'>) {
  const directory = directoryOf(group) as string;
  return (
    <Card
      title={`Set by ${directory}`}
      icon={<IconLock size={16} stroke={1.5} aria-hidden className="muted" />}
    >
      <dl className="facts">
        <dt>Name</dt>
        <dd dir="auto">{group.name}</dd>
        {group.externalIds.map(({ connectionId, connectionName, externalId }) => (
          <FactOfConnection key={connectionId} name={connectionName} externalId={externalId} />
        ))}
        <dt>Last change</dt>
        <dd>
          <Time at={group.updatedAt} />
        </dd>
      </dl>
      <p className="muted small">
        Change the name and who is in it in {directory}. Role, grants, managers and description are set here.
      </p>
    </Card>
  );
}

function FactOfConnection({
  name,
  externalId,
}: {
  readonly name: string;
  readonly externalId: string | null;
}) {
  return (
    <>
      <dt>Id in {name}</dt>
      <dd>{externalId === null ? <span className="muted">None</span> : <code>{externalId}</code>}</dd>
    </>
  );
}

/** Who looks after the people of the group. */
export function Managers({ group }: Pick<GroupTabProps, 'group'>) {
  const { data } = useInfiniteQuery(membersQuery(group.id, { inGroupRole: 'manager' }, 20));
  const managers = data?.pages[0]?.data ?? [];
  return (
    <Card title="In-group managers">
      {managers.length > 0 && <PeopleList members={managers} />}
      <p className="muted small">
        {managers.length === 0 && 'No managers yet. '}
        They look after the people of this group: who is in it, invitations, reviews. A person needs the role
        configure or admin to be one.
      </p>
    </Card>
  );
}
