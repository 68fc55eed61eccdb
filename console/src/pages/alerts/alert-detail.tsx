import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import type { Alert } from '../../api/schema.d.ts';
import { Avatar } from '../../components/person.tsx';
import { Status } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { dateTime, inLocalTime, Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import { AlertActs } from './alert-acts.tsx';
import { Comparison, Happened, StillOpen } from './alert-evidence.tsx';
import styles from './alerts.module.css';
import { KINDS, SEVERITIES, STATES, subjectOf } from './use-alerts.ts';

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
            leftSection={<IconArrowLeft className="arrow" size={14} stroke={1.5} aria-hidden />}
            onClick={onBack}
          >
            All alerts
          </Button>
        </div>
        <div className="row" style={{ gap: 12, alignItems: 'flex-start' }}>
          <Avatar name={subject} size="large" />
          <div className="grow">
            <h2 id={headingId} className={styles.title}>
              {KINDS[alert.kind]}
              {(alert.user !== null || alert.connection !== null) && ': '}
              {alert.user === null ? (
                alert.connection !== null && <bdi>{subject}</bdi>
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
                    , {counted(alert.occurrences, 'time', 'times')} since{' '}
                    <Time at={alert.openedAt} form="dateTime" />
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
      <AlertActs alert={alert} onDecided={onDecided} />
    </section>
  );
}
