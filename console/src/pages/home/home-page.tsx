import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBell,
  IconCertificate,
  IconChartPie,
  IconChecklist,
  IconKey,
  IconMailOff,
  IconPlugConnectedX,
  IconSitemap,
  IconUserPause,
  IconUserPlus,
  IconWebhookOff,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { attentionQuery } from '../../api/attention.ts';
import { useMe } from '../../api/me.ts';
import type { AttentionItem, AttentionResponse } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { nameOf } from '../../components/person.tsx';
import { RoleOf } from '../../components/role.tsx';
import { Status } from '../../components/status.tsx';
import { inLocalTime, Time } from '../../components/time.tsx';
import { FirstSteps, useFirstSteps } from './first-steps.tsx';
import styles from './home-page.module.css';

const WEEK_MS = 7 * 86_400_000;
const today = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** What needs attention today, and nothing else. */
export function HomePage() {
  const me = useMe();
  const navigate = useNavigate();
  const mayInvite = me.mayForOthers('users:manage');
  useKeys(mayInvite ? { i: () => navigate({ to: '/users', search: { invite: 'open' } as never }) } : {});
  const { data, error, refetch } = useQuery(attentionQuery);
  const steps = useFirstSteps();
  return (
    <Page
      title="Home"
      beside={<span className="muted">{today.format(new Date())}</span>}
      acts={
        mayInvite && (
          <Button
            leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => navigate({ to: '/users', search: { invite: 'open' } as never })}
          >
            <span className="on-wide">Invite user</span> <kbd>I</kbd>
          </Button>
        )
      }
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {steps !== undefined && <FirstSteps steps={steps} />}
      {data !== undefined && <Attention found={data} />}
      {!me.mayForOthers('users:read') && <OwnFacts />}
    </Page>
  );
}

function Attention({ found: { items, workingNormally } }: { readonly found: AttentionResponse }) {
  const soon = Date.now() + 86_400_000;
  const isNow = (item: AttentionItem) =>
    item.severity === 'high' || (item.dueAt !== null && new Date(item.dueAt).getTime() < soon);
  const isThisWeek = ({ dueAt }: AttentionItem) =>
    dueAt === null || new Date(dueAt).getTime() < Date.now() + WEEK_MS;
  const groups = [
    ['Today', items.filter(isNow)],
    ['This week', items.filter((item) => !isNow(item) && isThisWeek(item))],
    ['Later', items.filter((item) => !isNow(item) && !isThisWeek(item))],
  ] as const;
  const now = groups[0][1].length;
  return (
    <>
      <p className={styles.sentence} role="status">
        <b>{countOf(items.length)}</b>
        {now > 0 && now < items.length && `, ${now === 1 ? 'one' : now} of them today`}.{' '}
        <span className="muted">
          {items.length === 0 ? 'Everything is working.' : 'Everything else is working.'}
        </span>
      </p>
      {groups.map(
        ([heading, group]) =>
          group.length > 0 && (
            <section key={heading} className={styles.group}>
              <h2 className={styles.heading}>{heading}</h2>
              <ul>
                {group.map((item) => (
                  <Item key={`${item.kind} ${item.target?.id ?? ''}`} item={item} />
                ))}
              </ul>
            </section>
          ),
      )}
      <WorkingNormally found={workingNormally} />
    </>
  );
}

function countOf(count: number): string {
  if (count === 0) return 'Nothing needs attention';
  return count === 1 ? 'One thing needs attention' : `${count} things need attention`;
}

const ICONS: Readonly<Record<AttentionItem['kind'], TablerIcon>> = {
  alert: IconBell,
  more_alerts: IconBell,
  failing_connection: IconPlugConnectedX,
  silent_connection: IconPlugConnectedX,
  review: IconChecklist,
  expiring_certificate: IconCertificate,
  expiring_scim_token: IconKey,
  expiring_api_key: IconKey,
  unproved_domain: IconWorld,
  expired_invitations: IconMailOff,
  never_signed_in: IconUserPause,
  inactive_users: IconUserPause,
  dead_jobs: IconSitemap,
  disabled_webhook: IconWebhookOff,
  failing_audit_stream: IconAlertTriangle,
  posture: IconChartPie,
};

interface Solution {
  readonly label: string;
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
}

/** Where the act of an item is. */
function solutionOf({ act, target }: AttentionItem): Solution {
  const id = target?.id ?? '';
  switch (act) {
    case 'review_alert':
      return { label: 'Review the alert', to: '/alerts', search: { open: id } };
    case 'review_alerts':
      return { label: 'Review the alerts', to: '/alerts' };
    case 'open_request_log':
      return { label: 'Open the log', to: `/provisioning/${id}`, search: { tab: 'log', status: 'error' } };
    case 'check_connection':
      return { label: 'Check the connection', to: `/provisioning/${id}` };
    case 'continue_review':
      return { label: 'Continue', to: `/reviews/${id}` };
    case 'refresh_metadata':
      return {
        label: 'View the certificates',
        to: `/single-sign-on/${id}`,
        search: { tab: 'certificates' },
      };
    case 'rotate_token':
      return { label: 'Rotate', to: '/provisioning' };
    case 'rotate_api_key':
      return { label: 'View the key', to: '/api-keys', search: { tab: 'all', state: 'active' } };
    case 'check_domain':
      return { label: 'Check the domain', to: '/single-sign-on' };
    case 'resend_invitations':
      return { label: 'See who', to: '/users', search: { status: 'pending' } };
    case 'review_never_signed_in':
      return { label: 'See who', to: '/users', search: { status: 'active', neverLoggedIn: 'true' } };
    case 'review_inactive':
      return { label: 'See who', to: '/users', search: { status: 'active', inactiveDays: '90' } };
    case 'retry_jobs':
      return { label: 'View the jobs', to: '/jobs', search: { state: 'dead' } };
    case 'enable_webhook':
      return { label: 'View the webhook', to: `/webhooks/${id}` };
    case 'check_audit_stream':
      return { label: 'View the stream', to: '/audit', search: { tab: 'streams' } };
    case 'review_posture':
      return { label: 'View the posture', to: '/posture' };
  }
}

function Item({ item }: { readonly item: AttentionItem }) {
  const Icon = ICONS[item.kind];
  const { label, to, search } = solutionOf(item);
  return (
    <li className={styles.item}>
      <span className={styles.icon} data-severity={item.severity}>
        <Icon size={16} stroke={1.5} aria-hidden />
      </span>
      <div className="grow">
        <p dir="auto">
          <b>{inLocalTime(item.title)}</b>
        </p>
        <p className="muted" dir="auto">
          {inLocalTime(item.detail)}
        </p>
      </div>
      <span className={styles.when}>
        {item.dueAt !== null ? <Time at={item.dueAt} /> : item.at !== null ? <Time at={item.at} /> : null}
      </span>
      <span className={styles.act}>
        <Button component={Link} to={to as never} search={(search ?? {}) as never} size="xs">
          {label}
        </Button>
      </span>
    </li>
  );
}

function WorkingNormally({ found }: { readonly found: AttentionResponse['workingNormally'] }) {
  const { seal, jobs } = found;
  // One that was never used has not shown that it works.
  const connections = found.connections?.filter(({ lastUsedAt }) => lastUsedAt !== null);
  const working =
    (connections?.length ?? 0) + (seal === null ? 0 : 1) + (jobs === null || jobs.dead > 0 ? 0 : 1);
  if (working === 0) return null;
  return (
    <section className={styles.group}>
      <h2 className={styles.heading}>Working normally</h2>
      <dl className={styles.normal}>
        {connections?.map(({ id, name, type, lastUsedAt }) => (
          <div key={`${type} ${id}`}>
            <dt>
              <Status shape="disc">{name}</Status>
            </dt>
            <dd className="muted">
              {type === 'scim' ? 'Last request' : 'Last sign-in'} <Time at={lastUsedAt} />
            </dd>
          </div>
        ))}
        {seal !== null && (
          <div>
            <dt>
              <Status shape="disc">{`Audit seal ${seal.number.toLocaleString('en-GB')}`}</Status>
            </dt>
            <dd className="muted">
              Sealed <Time at={seal.sealedAt} />
            </dd>
          </div>
        )}
        {jobs !== null && jobs.dead === 0 && (
          <div>
            <dt>
              <Status shape="disc">Jobs and webhooks</Status>
            </dt>
            <dd className="muted">
              {jobs.isAtLeast && 'at least '}
              {jobs.waiting} waiting
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** For those who look after no one else. */
function OwnFacts() {
  const { user } = useMe();
  return (
    <section className={styles.group}>
      <h2 className={styles.heading}>You</h2>
      <dl className="facts" style={{ paddingTop: 12 }}>
        <dt>Name</dt>
        <dd dir="auto">{nameOf(user)}</dd>
        <dt>Role</dt>
        <dd>
          <RoleOf user={user} tier />
        </dd>
        <dt>Groups</dt>
        <dd>{user.groups.length === 0 ? 'None' : user.groups.map(({ name }) => name).join(', ')}</dd>
      </dl>
      <p style={{ paddingTop: 12 }}>
        <Link to="/account">Change your name, password, sessions and emails</Link>
      </p>
    </section>
  );
}
