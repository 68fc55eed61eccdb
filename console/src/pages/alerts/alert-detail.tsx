import { Button, Textarea } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useId, useRef, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Alert, UserDetail } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { ActCard } from '../../components/act-card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Avatar, nameOf } from '../../components/person.tsx';
import { RoleOf } from '../../components/role.tsx';
import { Status, UserStatus } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { dateTime, exactTime, inLocalTime, Time } from '../../components/time.tsx';
import { Timeline } from '../../components/timeline.tsx';
import { toast } from '../../components/toast.tsx';
import { useLocks, userQuery } from '../users/use-users.ts';
import styles from './alerts.module.css';
import { type AlertState, KINDS, SEVERITIES, STATES, subjectOf, useDecision } from './use-alerts.ts';

const DeactivateDialog = lazy(async () => ({
  default: (await import('../users/acts/leave-dialogs.tsx')).DeactivateDialog,
}));

const HOUR_MS = 3_600_000;

/** One alert: why it was opened, compared with what, what else happened, and what to do. */
export function AlertDetail({
  alert,
  onBack,
  onDecided,
}: {
  readonly alert: Alert;
  readonly onBack: () => void;
  readonly onDecided: () => void;
}) {
  const headingId = useId();
  const [shape, word] = SEVERITIES[alert.severity];
  const subject = subjectOf(alert);
  return (
    <section className={styles.detail} aria-labelledby={headingId}>
      <div className={styles.detailBody}>
        <div className={styles.back}>
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconArrowLeft size={14} stroke={1.5} aria-hidden />}
            onClick={onBack}
          >
            All alerts
          </Button>
        </div>
        <div className="row" style={{ gap: 12, alignItems: 'flex-start' }}>
          <Avatar name={subject} size="large" />
          <div className="grow">
            <h2 id={headingId} className={styles.title}>
              {KINDS[alert.kind]}:{' '}
              {alert.user === null ? (
                <bdi>{subject}</bdi>
              ) : (
                <Link to="/users/$userId" params={{ userId: alert.user.id }}>
                  <bdi>{subject}</bdi>
                </Link>
              )}
            </h2>
            <div className="row wrap muted" style={{ gap: '4px 14px' }}>
              <Status shape={shape}>{word}</Status>
              <span>
                <Time at={alert.lastAt} />
                {alert.occurrences > 1 && (
                  <>
                    , {alert.occurrences} times since <Time at={alert.openedAt} form="dateTime" />
                  </>
                )}
              </span>
              {alert.state !== 'open' && (
                <Tag tone={alert.state === 'acknowledged' ? 'warning' : 'success'}>{STATES[alert.state]}</Tag>
              )}
            </div>
          </div>
        </div>
        <p className={styles.why} dir="auto">
          {inLocalTime(alert.why)}
        </p>
        <Comparison alert={alert} />
        {alert.undo !== null && (
          <p>
            The changes from {dateTime(alert.undo.from)} to {dateTime(alert.undo.to)} can be taken back with
            one undo, in <Link to={'/provisioning' as never}>Provisioning</Link>.
          </p>
        )}
        <div className={styles.columns}>
          <Happened alert={alert} />
          {alert.user !== null && <StillOpen userId={alert.user.id} />}
        </div>
      </div>
      {alert.user === null ? (
        <Acts alert={alert} user={undefined} onDecided={onDecided} />
      ) : (
        <UserActs alert={alert} userId={alert.user.id} onDecided={onDecided} />
      )}
    </section>
  );
}

const VALUES: Readonly<Record<string, string>> = {
  network: 'Network',
  device: 'Device',
  failuresBefore: 'Failures before',
  time: 'Time of day',
  timeZone: 'Time zone',
  queries: 'Queries',
  score: 'Distance from usual',
  ip: 'Address',
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
function Comparison({ alert }: { readonly alert: Alert }) {
  const rows = Object.entries(alert.values).filter(([key, value]) => key in VALUES && value !== null);
  return (
    <div>
      <h3 style={{ marginBottom: 6 }}>Compared with: {alert.comparedWith}</h3>
      {rows.length > 0 && (
        <table className={styles.values}>
          <caption className="visually-hidden">What was seen</caption>
          <tbody>
            {rows.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">{VALUES[key]}</th>
                <td>
                  <span className="row wrap">
                    <b>{valueInWords(key, value)}</b>
                    {key === 'device' && alert.values['newDevice'] === true && (
                      <Status shape="diamond">New</Status>
                    )}
                    {key === 'network' && <Status shape="diamond">New</Status>}
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

function valueInWords(key: string, value: unknown): string {
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
function Happened({ alert }: { readonly alert: Alert }) {
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
      <h3 style={{ marginBottom: 6 }}>What happened around it</h3>
      <Timeline
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
function StillOpen({ userId }: { readonly userId: string }) {
  const { data: user } = useQuery({ ...userQuery(userId), retry: false });
  const { data: security } = useQuery({
    queryKey: ['users', userId, 'security'],
    retry: false,
    queryFn: () => dataOf(api.GET('/users/{id}/security', { params: { path: { id: userId } } })),
  });
  if (user === undefined) return null;
  const sessions = security?.sessions?.length;
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>Still open</h3>
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
              {sessions === 0 ? 'None' : sessions}{' '}
              <Link to="/users/$userId" params={{ userId }} search={{ tab: 'security' } as never}>
                See them
              </Link>
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

interface ActsProps {
  readonly alert: Alert;
  readonly onDecided: () => void;
}

function UserActs({ userId, ...props }: ActsProps & { readonly userId: string }) {
  const { data: user } = useQuery({ ...userQuery(userId), retry: false });
  if (user === undefined) return <Acts {...props} user={undefined} />;
  return <LockedActs {...props} user={user} />;
}

function LockedActs({ user, ...props }: ActsProps & { readonly user: UserDetail }) {
  const me = useMe();
  const locks = useLocks(user);
  const lock =
    user.id === me.user.id
      ? 'You cannot deactivate yourself: ask another administrator.'
      : user.status === 'inactive' || user.status === 'deleted'
        ? 'They are inactive already.'
        : locks.deactivate;
  return <Acts {...props} user={user} lock={lock} />;
}

/** The acts with their keys, and a note that stays with the alert. */
function Acts({
  alert,
  user,
  lock,
  onDecided,
}: ActsProps & { readonly user: UserDetail | undefined; readonly lock?: string | undefined }) {
  const [note, setNote] = useState(alert.note ?? '');
  const [deactivating, setDeactivating] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const decision = useDecision();
  const subject = subjectOf(alert);
  const isClosed = alert.state === 'resolved' || alert.state === 'false_positive';
  const decide = (state: AlertState, said: string) => {
    const written = note.trim() === '' ? {} : { note: note.trim() };
    const before = { state: alert.state, ...(alert.note === null ? {} : { note: alert.note }) };
    decision.mutate({
      id: alert.id,
      body: { state, ...written },
      after: () => {
        toast(said, () => decision.mutate({ id: alert.id, body: before }));
        if (state !== 'open') onDecided();
      },
    });
  };
  const teaches = alert.user !== null || alert.connection !== null;
  const acts = {
    a: () => alert.state === 'open' && decide('acknowledged', 'The alert was acknowledged.'),
    s: () => !isClosed && decide('false_positive', 'The alert was closed as not suspicious.'),
    d: () => {
      if (isClosed) return;
      if (user === undefined) decide('resolved', 'The alert was resolved.');
      else if (lock === undefined) setDeactivating(true);
    },
    n: () => noteField.current?.focus(),
  };
  useKeys(acts);
  const beside = decision.error instanceof ApiError ? decision.error.about('note') : undefined;
  return (
    <div className={styles.acts}>
      {decision.error !== null && beside === undefined && <Failure error={decision.error} />}
      {alert.decidedBy !== null && (
        <p className="muted small" dir="auto">
          {STATES[alert.state]} by {nameOf(alert.decidedBy)}, <Time at={alert.decidedAt} />
          {alert.note !== null && `: “${alert.note}”`}
        </p>
      )}
      {isClosed ? (
        <div className="row wrap">
          <span className="grow muted small">
            {alert.state === 'false_positive' && teaches
              ? `The same of ${subject} opens no alert while this stands.`
              : 'It is dealt with.'}
          </span>
          <Button loading={decision.isPending} onClick={() => decide('open', 'The alert is open again.')}>
            Open it again
          </Button>
        </div>
      ) : (
        <>
          <Textarea
            ref={noteField}
            label="Note"
            description="Stays with the alert and in the audit trail."
            minRows={1}
            maxLength={2_000}
            value={note}
            error={beside}
            onChange={(event) => setNote(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          />
          <div className={styles.cards}>
            <ActCard
              keyName="A"
              title="Acknowledge"
              detail={alert.state === 'open' ? 'You look into it; it stays in the inbox' : ''}
              lockedBecause={alert.state === 'open' ? undefined : 'It is acknowledged already.'}
              onClick={acts.a}
            />
            <ActCard
              keyName="S"
              title="Not suspicious"
              detail={
                teaches ? `Closes it, and teaches: the same of ${subject} opens no alert again` : 'Closes it'
              }
              onClick={acts.s}
            />
            {user === undefined ? (
              <ActCard keyName="D" title="Resolve" detail="Closes it: it is dealt with" onClick={acts.d} />
            ) : (
              <ActCard
                keyName="D"
                title={`Deactivate ${nameOf(user)}…`}
                danger
                detail="Ends their sessions and keys; the alert is resolved"
                lockedBecause={lock}
                onClick={acts.d}
              />
            )}
          </div>
          {user !== undefined && (
            <div>
              <Button
                size="xs"
                variant="subtle"
                onClick={() => decide('resolved', 'The alert was resolved.')}
              >
                Resolve without deactivating
              </Button>
            </div>
          )}
        </>
      )}
      <Suspense fallback={null}>
        {deactivating && user !== undefined && (
          <DeactivateDialog
            user={user}
            onClose={() => setDeactivating(false)}
            onDone={() =>
              decision.mutate({
                id: alert.id,
                body: { state: 'resolved', ...(note.trim() === '' ? {} : { note: note.trim() }) },
                after: onDecided,
              })
            }
          />
        )}
      </Suspense>
    </div>
  );
}
