import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Alert, UserDetail } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { ActCard } from '../../components/act-card.tsx';
import { ActionButton } from '../../components/action-button.tsx';
import { Failure } from '../../components/failure.tsx';
import { nameOf } from '../../components/person.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { useLocks, userQuery } from '../users/use-users.ts';
import styles from './alerts.module.css';
import { type AlertState, STATES, subjectOf, useDecision } from './use-alerts.ts';

const ABOUT_YOURSELF = 'This alert is about you, so another administrator has to decide.';

const DeactivateDialog = lazy(async () => ({
  default: (await import('../users/acts/leave-dialogs.tsx')).DeactivateDialog,
}));

interface ActsProps {
  readonly alert: Alert;
  readonly onDecided: () => void;
}

/** What can be done about an alert. */
export function AlertActs(props: ActsProps) {
  const { user } = props.alert;
  return user === null ? <Acts {...props} user={undefined} /> : <UserActs {...props} userId={user.id} />;
}

function UserActs({ userId, ...props }: ActsProps & { readonly userId: string }) {
  const { data: user } = useQuery(userQuery(userId));
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
        ? 'They are already inactive.'
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
  const undecidable = alert.mayDecide ? undefined : ABOUT_YOURSELF;
  const decide = (state: AlertState, said: string) => {
    if (undecidable !== undefined) return;
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
              ? `The same from ${subject} opens no alert until you open this one again.`
              : 'Nothing is left to do.'}
          </span>
          <ActionButton
            lockedBecause={undecidable}
            loading={decision.isPending}
            onClick={() => decide('open', 'The alert is open again.')}
          >
            Open it again
          </ActionButton>
        </div>
      ) : (
        <>
          <Textarea
            ref={noteField}
            disabled={undecidable !== undefined}
            label="Note"
            description="Kept with the alert and in the audit trail."
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
              detail={alert.state === 'open' ? 'You are looking into it; it moves to Acknowledged' : ''}
              lockedBecause={
                undecidable ?? (alert.state === 'open' ? undefined : 'It is already acknowledged.')
              }
              onClick={acts.a}
            />
            <ActCard
              keyName="S"
              title="Not suspicious"
              detail={teaches ? `Closes it; the same from ${subject} opens no new alert` : 'Closes it'}
              lockedBecause={undecidable}
              onClick={acts.s}
            />
            {user === undefined ? (
              <ActCard
                keyName="D"
                title="Resolve"
                detail="Closes it as dealt with"
                lockedBecause={undecidable}
                onClick={acts.d}
              />
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
          {user !== undefined && undecidable === undefined && (
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
