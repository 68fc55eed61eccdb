import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Review, ReviewItem } from '../../api/schema.d.ts';
import { ActCard } from '../../components/act-card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Avatar, nameOf } from '../../components/person.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { Time } from '../../components/time.tsx';
import { Evidence, Rights } from './item-evidence.tsx';
import styles from './reviews.module.css';
import { DecisionMark, endWord, suggestionInWords } from './words.tsx';

export const RIGHTS_SHOWN = 6;

/** Why nothing can be decided about an item; undefined if it can. */
export function lockOf(item: ReviewItem, review: Review): string | undefined {
  if (review.state === 'closed') return 'The review is closed: nothing can be decided or undone.';
  if (review.state === 'opening') return 'Its items are still being collected: decide in a moment.';
  if (!item.mayDecide) return 'You cannot review your own access: another reviewer decides about it.';
  return undefined;
}

/** The evidence about one item, and the decision. */
export function ItemPanel({
  review,
  item,
  error,
  acting,
  onAct,
  onUndo,
  ...panel
}: {
  readonly review: Review;
  readonly item: ReviewItem;
  readonly error: unknown;
  readonly acting: boolean;
  readonly onAct: (act: 'keep' | 'change' | 'end' | 'note') => void;
  readonly onUndo: () => void;
  readonly position: string | undefined;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  const name = nameOf(item.subject);
  const lock = lockOf(item, review);
  const end = endWord(item);
  const isKey = item.subject.type === 'api_key';
  return (
    <SidePanel
      {...panel}
      label={name}
      footer={
        <div className={styles.acts}>
          {error !== null && error !== undefined && <Failure error={error} />}
          {item.decision === null || item.decision === 'keep' ? (
            <>
              <ActCard
                keyName="K"
                title="Keep"
                chosen={item.decision === 'keep'}
                lockedBecause={lock}
                detail={
                  item.risk === 'high'
                    ? 'Nothing changes. High risk: needs a note that says why'
                    : 'Nothing changes'
                }
                onClick={() => onAct('keep')}
              />
              {lock === undefined && !isKey && (
                <ActCard
                  keyName="C"
                  title={item.subject.type === 'user' ? 'Change role or group…' : 'Change role…'}
                  detail="Takes effect immediately"
                  onClick={() => onAct('change')}
                />
              )}
              {lock === undefined && (
                <ActCard
                  keyName="D"
                  title={`${end}…`}
                  danger
                  detail={
                    isKey
                      ? 'It stops working for good: this cannot be undone'
                      : item.subject.type === 'user'
                        ? 'Ends sessions and keys at once. Data stays'
                        : 'Its keys stop working at once'
                  }
                  onClick={() => onAct('end')}
                />
              )}
            </>
          ) : (
            <Decided item={item} lock={lock} acting={acting} onUndo={onUndo} />
          )}
          {item.decision === 'keep' && <Decided item={item} lock={lock} acting={acting} onUndo={onUndo} />}
          <div className={styles.keys}>
            <span>
              <kbd>J</kbd> next
            </span>
            <span>
              <kbd>N</kbd> note
            </span>
            <span>
              <kbd>Z</kbd> undo
            </span>
            <span>
              <kbd>?</kbd> all keys
            </span>
          </div>
        </div>
      }
    >
      <div className="stack" style={{ gap: 16 }}>
        <div className="row" style={{ gap: 12 }}>
          <Avatar name={name} size="large" />
          <div className="grow">
            <h2 className="ellipsis" dir="auto" title={name}>
              {item.subject.type === 'user' ? (
                <Link to="/users/$userId" params={{ userId: item.subject.id }} className={styles.name}>
                  {name}
                </Link>
              ) : (
                name
              )}
            </h2>
            <p className="muted ellipsis">
              {item.subject.type === 'user'
                ? item.subject.name !== null && item.subject.email
                : `${isKey ? 'API key of' : 'Service account; contact'} ${item.user === null ? 'no one' : nameOf(item.user)}`}
            </p>
          </div>
        </div>
        <Note tone={item.suggestion.decision === 'keep' && item.risk === 'low' ? 'info' : 'warning'}>
          <p>
            <b>Suggested: {lowerFirst(suggestionInWords(item))}.</b>{' '}
            {item.suggestion.reasons.length === 0
              ? 'The figures show nothing unusual.'
              : item.suggestion.reasons.join(' ')}
          </p>
        </Note>
        <Evidence item={item} />
        <Rights item={item} />
      </div>
    </SidePanel>
  );
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function Decided({
  item,
  lock,
  acting,
  onUndo,
}: {
  readonly item: ReviewItem;
  readonly lock: string | undefined;
  readonly acting: boolean;
  readonly onUndo: () => void;
}) {
  return (
    <div className="stack" style={{ gap: 4 }}>
      <div className="row">
        <span className="grow">
          <DecisionMark item={item} />{' '}
          <span className="muted small">
            {item.decidedBy === null ? 'at the close' : `by ${nameOf(item.decidedBy)}`},{' '}
            <Time at={item.decidedAt} />
          </span>
        </span>
        {lock === undefined && (
          <Button size="xs" loading={acting} onClick={onUndo}>
            Undo the decision
          </Button>
        )}
      </div>
      {item.note !== null && (
        <p className="muted small" dir="auto">
          “{item.note}”
        </p>
      )}
    </div>
  );
}
