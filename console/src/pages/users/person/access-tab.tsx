import { IconArrowUpCircle, IconSitemap, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../../api/client.ts';
import { isShownInstead } from '../../../api/query-client.ts';
import type { Permissions, UserDetail } from '../../../api/schema.d.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { ROLES, RoleMeter, type RoleName, TIERS } from '../../../components/role.tsx';
import { Tag } from '../../../components/tag.tsx';
import { clockTime, duration, Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { useUserChange } from '../use-users.ts';
import { PermissionTable } from './permission-table.tsx';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';
import { WhyCard } from './why-card.tsx';

type Source = Permissions['sources'][number];

/** What a person may do, each right with where it comes from, and why not. */
export function AccessTab({ user, onAct }: TabProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['users', user.id, 'permissions'],
    queryFn: async () =>
      (await dataOf(
        api.GET('/users/{id}/permissions', { params: { path: { id: user.id } } }),
      )) as Permissions,
  });
  if (isShownInstead(error, data)) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return null;
  return (
    <div className={styles.columns}>
      <div className="stack" style={{ gap: 20 }}>
        <div>
          <Sentence user={user} permissions={data} />
          <Ladder user={user} permissions={data} onAct={onAct} />
        </div>
        <PermissionTable permissions={data} />
      </div>
      <div className="stack" style={{ gap: 18 }}>
        <WhyCard user={user} />
        <Grants permissions={data} />
        <Elevations user={user} />
      </div>
    </div>
  );
}

function Sentence({ user, permissions }: { readonly user: UserDetail; readonly permissions: Permissions }) {
  const name = nameOf(user);
  const elevation = permissions.sources.find(({ kind }) => kind === 'elevation');
  const lasting = permissions.sources
    .filter(({ kind }) => kind !== 'elevation')
    .toSorted((left, right) => ROLES.indexOf(right.role) - ROLES.indexOf(left.role))[0];
  const origin = (source: Source | undefined) =>
    source?.kind === 'group' ? (
      <>
        from the group{' '}
        <Link to={'/groups/$groupId' as never} params={{ groupId: source.id } as never}>
          <bdi>{source.name}</bdi>
        </Link>
      </>
    ) : (
      'given to them directly'
    );
  if (user.status !== 'active') {
    return (
      <p className={styles.sentence}>
        <bdi>{name}</bdi> is <b>{user.status}</b> and may do nothing now. What follows is what they would
        have.
      </p>
    );
  }
  if (
    elevation !== undefined &&
    elevation.role === permissions.effectiveRole &&
    lasting?.role !== elevation.role
  ) {
    return (
      <p className={styles.sentence}>
        <bdi>{name}</bdi> is <b>{elevation.role}</b> until <b>{clockTime(elevation.expiresAt ?? '')}</b>. Then
        the role returns to <b>{lasting?.role ?? user.role}</b>, {origin(lasting)}.
      </p>
    );
  }
  return (
    <p className={styles.sentence}>
      <bdi>{name}</bdi> is <b>{permissions.effectiveRole}</b>
      {permissions.owner && ' and an owner of the organization'}, {origin(lasting)}.
    </p>
  );
}

const RUNGS: Readonly<Record<RoleName, string>> = {
  readonly: 'Asks and reads',
  train: 'Asks, gives feedback and edits answers in own groups',
  configure: 'Creates agents, edits own agents, manages users in groups they manage',
  admin: 'Everything but owners, billing and deleting the organization',
};

const SOURCE_ICONS = { direct: IconUser, group: IconSitemap, elevation: IconArrowUpCircle };

function Ladder({
  user,
  permissions,
}: {
  readonly user: UserDetail;
  readonly permissions: Permissions;
  readonly onAct: TabProps['onAct'];
}) {
  const revoke = useUserChange((id: string) =>
    dataOf(api.POST('/elevations/{id}/revoke', { params: { path: { id } }, body: {} })),
  );
  const top = Math.max(...permissions.sources.map(({ role }) => ROLES.indexOf(role)));
  return (
    <>
      {revoke.error !== null && <Failure error={revoke.error} />}
      <ol className={`${styles.card} ${styles.ladder}`}>
        {[...ROLES].reverse().map((role) => {
          const sources = permissions.sources.filter((source) => source.role === role);
          const elevation = sources.find(({ kind }) => kind === 'elevation');
          return (
            <li key={role} data-now={elevation === undefined ? undefined : 'elevated'}>
              <span className="row">
                <RoleMeter role={role} />
                <span className={styles.rung}>
                  <b>{role}</b>
                  <span className="muted small">{TIERS[role]}</span>
                </span>
              </span>
              <span className="muted small">{RUNGS[role]}</span>
              <span className="stack small" style={{ gap: 4 }}>
                {sources.map((source) => (
                  <SourceLine key={`${source.kind} ${source.id}`} source={source} />
                ))}
                {sources.length === 0 && (
                  <span className="muted">
                    {ROLES.indexOf(role) < top ? 'Included in every role above' : 'Not given'}
                  </span>
                )}
              </span>
              {elevation?.id !== undefined && (
                <ActionButton
                  size="xs"
                  loading={revoke.isPending}
                  onClick={() =>
                    revoke.mutate(elevation.id as string, {
                      onSuccess: () => toast(`The higher role of ${nameOf(user)} has ended.`),
                    })
                  }
                >
                  End now
                </ActionButton>
              )}
            </li>
          );
        })}
      </ol>
    </>
  );
}

function SourceLine({ source }: { readonly source: Source }) {
  const Icon = SOURCE_ICONS[source.kind];
  const words =
    source.kind === 'direct'
      ? 'Direct role'
      : source.kind === 'group'
        ? `By the group ${source.name}`
        : `Elevation, ${duration(new Date(source.expiresAt ?? 0).getTime() - Date.now())} left`;
  return (
    <span className="row">
      <Icon size={16} stroke={1.5} aria-hidden style={{ flex: 'none', color: 'var(--muted)' }} />
      {words}
    </span>
  );
}

function Grants({ permissions }: { readonly permissions: Permissions }) {
  if (permissions.grants.length === 0) return null;
  return (
    <section>
      <h2 style={{ marginBottom: 6 }}>Resources, by groups</h2>
      <ul className={styles.list}>
        {permissions.grants.map((grant) => (
          <li key={`${grant.group.id} ${grant.resourceType} ${grant.resourceId} ${grant.tag}`}>
            <span className="grow">
              <bdi>
                {grant.resourceName ??
                  (grant.tag === null ? `all ${grant.resourceType}` : `tagged ${grant.tag}`)}
              </bdi>
              <br />
              <span className="muted small">
                from <bdi>{grant.group.name}</bdi>
              </span>
            </span>
            <Tag>{grant.level}</Tag>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Elevations({ user }: { readonly user: UserDetail }) {
  const { data } = useQuery({
    queryKey: ['users', user.id, 'elevations'],
    queryFn: () =>
      dataOf(api.GET('/users/{id}/elevations', { params: { path: { id: user.id }, query: { limit: 5 } } })),
  });
  const earlier = data?.data.filter(({ state }) => state !== 'active') ?? [];
  if (earlier.length === 0) return null;
  return (
    <section>
      <h2 style={{ marginBottom: 6 }}>Earlier elevations</h2>
      <ul className={styles.list}>
        {earlier.map(({ id, role, state, justification, createdAt }) => (
          <li key={id}>
            <span className="grow">
              <b>{role}</b> <span className="muted">{state}</span>
              <br />
              <span className="small muted">
                “<bdi>{justification}</bdi>”
              </span>
            </span>
            <span className="muted small">
              <Time at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
