import { SegmentedControl, Select } from '@mantine/core';
import {
  IconArrowUpCircle,
  IconCheck,
  IconInfoCircle,
  IconSitemap,
  IconUser,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { PermissionKey } from '../../../api/me.ts';
import type { Permissions, UserDetail } from '../../../api/schema.d.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Card } from '../../../components/card.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { ROLES, RoleMeter, type RoleName, TIERS } from '../../../components/role.tsx';
import { Tag } from '../../../components/tag.tsx';
import { clockTime, duration, Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { usePermissionList, usePermissionMeanings } from '../acts/use-meanings.ts';
import { useUserChange } from '../use-users.ts';
import { UserPicker } from '../user-picker.tsx';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

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
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
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

const SCOPES: Readonly<Record<string, string>> = {
  all: 'Organization',
  group: 'Groups they manage',
  member: 'Groups they are in',
  own: 'What they own',
  self: 'Themselves',
  none: 'Not allowed',
};

type PermissionList = NonNullable<ReturnType<typeof usePermissionList>['data']>['permissions'];

/** Where a right comes from: the lasting source before a temporary one, of those that reach as far. */
function sourceOf(
  permissions: Permissions,
  scopes: PermissionList[number]['scopes'] | undefined,
  scope: string,
): Source | 'owner' | undefined {
  const reaching = permissions.sources.filter(({ role }) => scopes?.[role] === scope);
  return (
    reaching.find(({ kind }) => kind !== 'elevation') ??
    (permissions.owner && scopes?.owner === scope ? 'owner' : reaching[0])
  );
}

function SourceCell({ source }: { readonly source: Source | 'owner' | undefined }) {
  if (source === undefined) return null;
  if (source === 'owner') return <>owner of the organization</>;
  if (source.kind === 'direct') return <>{source.role}, direct role</>;
  if (source.kind === 'group') {
    return (
      <>
        {source.role}, from <bdi>{source.name}</bdi>
      </>
    );
  }
  return (
    <span className="row">
      <Tag tone="warning">until {clockTime(source.expiresAt ?? '')}</Tag> {source.role}, elevation
    </span>
  );
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function PermissionTable({ permissions }: { readonly permissions: Permissions }) {
  const [shown, setShown] = useState('all');
  const { data: all } = usePermissionList();
  const scopes = new Map(permissions.permissions.map(({ key, scope }) => [key, scope]));
  const rows = (all?.permissions ?? []).map(({ key, meaning, scopes: reaches }) => {
    const scope = scopes.get(key) ?? 'none';
    return {
      key,
      meaning,
      scope,
      source: scope === 'none' ? undefined : sourceOf(permissions, reaches, scope),
    };
  });
  const has = rows.filter(({ scope }) => scope !== 'none');
  const elevated = has.filter(({ source }) => typeof source === 'object' && source.kind === 'elevation');
  const listed = { all: rows, has, elevated }[shown] ?? rows;
  return (
    <section>
      <div className="row" style={{ marginBottom: 6 }}>
        <h2>Permissions</h2>
        <span className="muted figures">
          {has.length} of {all?.permissions.length ?? '…'}
        </span>
        <span className="grow" />
        <SegmentedControl
          aria-label="Which permissions"
          data={[
            { value: 'all', label: 'All' },
            { value: 'has', label: 'Only what they may' },
            ...(elevated.length > 0 ? [{ value: 'elevated', label: 'Only by elevation' }] : []),
          ]}
          value={shown}
          onChange={setShown}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus (axe: scrollable-region-focusable) */}
      <section className={styles.wideTable} aria-label="Permissions by source" tabIndex={0}>
        <table className={styles.table}>
          <caption className="visually-hidden">Permissions</caption>
          <thead>
            <tr>
              <th scope="col">Permission</th>
              <th scope="col" style={{ width: 170 }}>
                Key
              </th>
              <th scope="col" style={{ width: 150 }}>
                Reaches
              </th>
              <th scope="col" style={{ width: 230 }}>
                Source
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map(({ key, meaning, scope, source }) => (
              <tr key={key} className={scope === 'none' ? 'muted' : undefined}>
                <td title={meaning}>{capitalized(meaning)}</td>
                <td>
                  <code>{key}</code>
                </td>
                <td>{SCOPES[scope]}</td>
                <td className="muted">
                  <SourceCell source={source} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const MARKS = { allows: IconCheck, denies: IconX, note: IconInfoCircle };

/** Asks the API why, and shows its answer. */
function WhyCard({ user }: { readonly user: UserDetail }) {
  const meaning = usePermissionMeanings();
  const [permission, setPermission] = useState<PermissionKey>('roles:assign');
  const [target, setTarget] = useState<string>();
  const { data: all } = usePermissionList();
  const aboutUsers = all?.permissions.find(({ key }) => key === permission)?.about.includes('user') ?? false;
  const { data, error } = useQuery({
    queryKey: ['users', user.id, 'why', permission, aboutUsers ? target : undefined],
    queryFn: () =>
      dataOf(
        api.POST('/authz/explain', {
          body: {
            userId: user.id,
            permission,
            ...(aboutUsers && target !== undefined ? { resource: { type: 'user', id: target } } : {}),
          },
        }),
      ),
  });
  return (
    <Card title="Why can’t they…?" acts={<kbd>W</kbd>}>
      <Select
        label="May they"
        searchable
        data={(all?.permissions ?? []).map(({ key }) => ({ value: key, label: meaning(key) }))}
        value={permission}
        allowDeselect={false}
        onChange={(value) => setPermission(value as PermissionKey)}
      />
      {aboutUsers && <UserPicker label="About" value={target} onChange={setTarget} />}
      {error !== null && <Failure error={error} />}
      {data !== undefined && (
        <div className="stack" role="status" style={{ gap: 8 }}>
          <p>
            <b className={data.allowed ? 'success' : 'danger'}>{data.allowed ? 'Yes.' : 'No.'}</b>{' '}
            {data.reasons.find(({ effect }) => effect === (data.allowed ? 'allows' : 'denies'))?.text}
          </p>
          <ul className="stack" style={{ gap: 6 }}>
            {data.reasons.map(({ effect, text }) => {
              const Icon = MARKS[effect];
              const color = { allows: 'var(--success)', denies: 'var(--danger)', note: 'var(--muted)' }[
                effect
              ];
              return (
                <li key={text} className="row small" style={{ alignItems: 'flex-start' }}>
                  <Icon size={16} stroke={1.5} aria-hidden style={{ flex: 'none', color }} />
                  <span>{text}</span>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </Card>
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
