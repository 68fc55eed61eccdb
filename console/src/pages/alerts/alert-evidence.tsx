import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Alert } from '../../api/schema.d.ts';
import { countryName } from '../../components/location.ts';
import { RoleOf } from '../../components/role.tsx';
import { Status, UserStatus } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { exactTime, Time } from '../../components/time.tsx';
import { Timeline } from '../../components/timeline.tsx';
import { userQuery } from '../users/use-users.ts';
import styles from './alerts.module.css';

const HOUR_MS = 3_600_000;

/** In the order in which they are shown. */
const VALUES: Readonly<Record<string, string>> = {
  ip: 'Address',
  network: 'Network',
  country: 'Country',
  asn: 'AS number',
  usualLocation: 'Usual location',
  device: 'Device',
  failuresBefore: 'Failures before',
  time: 'Time of day',
  timeZone: 'Time zone',
  queries: 'Queries',
  score: 'Distance from usual',
  failures: 'Failures',
  users: 'Users',
  removed: 'Users who lost access',
  provisioned: 'Users it provisions',
  held: 'Held',
  expiresAt: 'Expires',
  lastUsedAt: 'Last request',
  waitingSince: 'Waiting since',
  domain: 'Domain',
  missingSince: 'Missing since',
  action: 'Event',
};

/** What was seen, and what that was compared with. */
export function Comparison({ alert }: { readonly alert: Alert }) {
  const rows = Object.keys(VALUES)
    .map((key) => [key, alert.values[key] ?? null] as const)
    .filter(([, value]) => value !== null);
  const { target } = alert;
  return (
    <div>
      <h3 style={{ marginBottom: 6 }}>Compared with: {alert.comparedWith}</h3>
      {(rows.length > 0 || target !== null) && (
        <table className={styles.values}>
          <caption className="visually-hidden">What was seen</caption>
          <tbody>
            {target !== null && (
              <tr>
                <th scope="row">{TARGETS[target.type] ?? 'What'}</th>
                <td>
                  <Target target={target} ofSso={String(alert.values['action']).startsWith('sso_')} />
                </td>
              </tr>
            )}
            {rows.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">{VALUES[key]}</th>
                <td>
                  <span className="row wrap">
                    <b>
                      <bdi>{valueInWords(key, value, alert.values)}</bdi>
                    </b>
                    {key === 'device' && alert.values['newDevice'] === true && (
                      <Status shape="diamond">New</Status>
                    )}
                    {key === 'network' && <Status shape="diamond">New</Status>}
                    {key === 'country' && alert.values['newCountry'] === true && (
                      <Status shape="diamond">New</Status>
                    )}
                    {key === 'asn' && alert.values['newAsn'] === true && <Status shape="diamond">New</Status>}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const TARGETS: Readonly<Record<string, string>> = {
  user: 'User',
  api_key: 'API key',
  connection: 'Connection',
  webhook: 'Webhook',
};

/** What a sensitive action made or changed, as a link where it has a page. */
function Target({
  target: { type, id, name },
  ofSso,
}: {
  readonly target: NonNullable<Alert['target']>;
  readonly ofSso: boolean;
}) {
  const shown = <bdi style={{ overflowWrap: 'anywhere' }}>{name ?? 'without a name'}</bdi>;
  if (type === 'user')
    return (
      <Link to="/users/$userId" params={{ userId: id }}>
        {shown}
      </Link>
    );
  const page = { webhook: '/webhooks', connection: ofSso ? '/single-sign-on' : '/provisioning' }[type];
  if (page !== undefined) return <Link to={`${page}/${id}` as never}>{shown}</Link>;
  return <b>{shown}</b>;
}

function valueInWords(key: string, value: unknown, values: Alert['values']): string {
  if (key === 'country') return countryName(String(value));
  if (key === 'asn') return [value, values['asnName'] ?? ''].join(' ').trim();
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') {
    return key === 'score'
      ? `${value.toLocaleString('en-GB')} times the usual spread`
      : value.toLocaleString('en-GB');
  }
  const text = String(value);
  return /(At|Since)$/.test(key) ? exactTime(text) : text;
}

/** The audit trail around the alert, for those who may read it. */
export function Happened({ alert }: { readonly alert: Alert }) {
  const me = useMe();
  const about = alert.user?.id ?? alert.connection?.id;
  const { data } = useQuery({
    queryKey: ['audit', 'around-alert', alert.id, alert.lastAt],
    enabled: me.may('audit:read') && about !== undefined,
    queryFn: () =>
      dataOf(
        api.GET('/audit', {
          params: {
            query: {
              about: [about as string],
              from: new Date(Date.parse(alert.openedAt) - HOUR_MS).toISOString(),
              to: new Date(Date.parse(alert.lastAt) + HOUR_MS / 12).toISOString(),
              limit: 8,
            },
          },
        }),
      ),
  });
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>What happened around that time</h3>
      <Timeline
        exact
        entries={data.data.map(({ id, at, sentence, outcome }) => ({
          id,
          at,
          sentence,
          outcome,
          kind: 'audit',
        }))}
      />
    </section>
  );
}

/** What the user still has: sessions, role, status. */
export function StillOpen({ userId }: { readonly userId: string }) {
  const { data: user } = useQuery(userQuery(userId));
  const { data: security } = useQuery({
    queryKey: ['users', userId, 'security'],
    queryFn: () => dataOf(api.GET('/users/{id}/security', { params: { path: { id: userId } } })),
  });
  if (user === undefined) return null;
  const sessions = security?.sessions?.length;
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>Their access now</h3>
      <dl className="facts">
        <dt>Status</dt>
        <dd>
          <span className="row">
            <UserStatus status={user.status} />
            {user.locked && <Tag tone="danger">Locked</Tag>}
          </span>
        </dd>
        <dt>Role</dt>
        <dd>
          <RoleOf user={user} />
        </dd>
        {sessions !== undefined && (
          <>
            <dt>Sessions</dt>
            <dd>
              {sessions === 0 ? (
                'None'
              ) : (
                <>
                  {sessions}{' '}
                  <Link to="/users/$userId" params={{ userId }} search={{ tab: 'security' } as never}>
                    See them
                  </Link>
                </>
              )}
            </dd>
          </>
        )}
        <dt>Last login</dt>
        <dd>
          <Time at={user.lastLoginAt} />
        </dd>
      </dl>
    </section>
  );
}
