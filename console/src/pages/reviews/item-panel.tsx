import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Review, ReviewItem } from '../../api/schema.d.ts';
import { ActCard } from '../../components/act-card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Avatar, nameOf } from '../../components/person.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { usePermissionMeanings } from '../users/acts/use-meanings.ts';
import styles from './reviews.module.css';
import { DecisionMark, endWord, suggestionInWords } from './words.tsx';

const RIGHTS_SHOWN = 6;

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
              <kbd>↓</kbd> next
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
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

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

function Evidence({ item }: { readonly item: ReviewItem }) {
  const isUser = item.subject.type === 'user';
  return (
    <dl className="facts">
      {item.effectiveRole !== null && (
        <>
          <dt>Role</dt>
          <dd>
            <span className="row wrap">
              <RoleLabel role={item.effectiveRole} />
              {item.owner && <Tag>owner</Tag>}
            </span>
            {item.role !== null && item.role !== item.effectiveRole && (
              <span className="muted small">Their own role is {item.role}</span>
            )}
          </dd>
        </>
      )}
      <dt>Status</dt>
      <dd>{upperFirst(item.status)}</dd>
      {isUser && (
        <>
          <dt>Groups</dt>
          <dd>
            {item.groups.length === 0 ? (
              <span className="muted">None</span>
            ) : (
              item.groups.slice(0, 8).map(({ id, name, inGroupRole, role }) => (
                <div key={id} className="ellipsis">
                  <Link to="/groups/$groupId" params={{ groupId: id }}>
                    <bdi>{name}</bdi>
                  </Link>{' '}
                  <span className="muted small">
                    {inGroupRole === 'manager' && 'manager'}
                    {role !== null && ` carries ${role}`}
                  </span>
                </div>
              ))
            )}
            {item.groups.length > 8 && <span className="muted">and {item.groups.length - 8} more</span>}
          </dd>
        </>
      )}
      {item.grants.length > 0 && (
        <>
          <dt>Grants</dt>
          <dd>
            {item.grants.slice(0, 6).map((grant) => (
              <div
                key={`${grant.group} ${grant.resourceType} ${grant.resource ?? grant.tag}`}
                className="ellipsis"
              >
                {grant.level}{' '}
                {grant.tag === null
                  ? (grant.resourceName ?? grant.resource)
                  : `every ${grant.resourceType.replaceAll('_', ' ')} tagged ${grant.tag}`}{' '}
                <span className="muted small">
                  by {item.groups.find(({ id }) => id === grant.group)?.name ?? 'a group'}
                </span>
              </div>
            ))}
            {item.grants.length > 6 && <span className="muted">and {item.grants.length - 6} more</span>}
          </dd>
        </>
      )}
      {item.source !== null && (
        <>
          <dt>Source</dt>
          <dd>
            <SourceTag source={item.source as 'manual'} />
          </dd>
        </>
      )}
      {item.scopes !== null && (
        <>
          <dt>Scopes</dt>
          <dd>{item.scopes.join(', ') || <span className="muted">None</span>}</dd>
        </>
      )}
      {isUser && (
        <>
          <dt>Last login</dt>
          <dd>
            <Time at={item.lastLoginAt} />
          </dd>
        </>
      )}
      <dt>{isUser ? 'Last active' : 'Last used'}</dt>
      <dd>
        <Time at={item.lastActiveAt} />
        {item.activityEvents !== null && item.activityEvents > 0 && (
          <span className="muted small">
            , {item.activityEvents.toLocaleString('en-GB')} queries in 90 days
          </span>
        )}
      </dd>
      <dt>Created</dt>
      <dd>
        <Time at={item.createdAt} form="date" never="Unknown" />
      </dd>
      {item.subject.type === 'api_key' && (
        <>
          <dt>Expires</dt>
          <dd>
            <Time at={item.expiresAt} form="date" />
          </dd>
        </>
      )}
      {item.elevations.length > 0 && (
        <>
          <dt>Temporary roles</dt>
          <dd>
            {item.elevations.slice(0, 3).map(({ id, role, startsAt, justification }) => (
              <div key={id}>
                {role}, <Time at={startsAt} form="date" />
                {justification !== null && (
                  <span className="muted small" dir="auto">
                    {' '}
                    “{justification}”
                  </span>
                )}
              </div>
            ))}
          </dd>
        </>
      )}
      {item.earlier !== null && (
        <>
          <dt>Last review</dt>
          <dd>
            {
              {
                keep: 'Kept',
                change_role: 'Role changed',
                remove_group: 'Left a group',
                deactivate: 'Ended',
              }[item.earlier.decision]
            }{' '}
            <span className="muted">
              {item.earlier.decidedBy !== null && `by ${nameOf(item.earlier.decidedBy)}, `}
              <Time at={item.earlier.decidedAt} form="date" />
            </span>
          </dd>
        </>
      )}
      <dt>Reviewers</dt>
      <dd>
        {item.reviewers.length === 0 ? (
          <span className="muted">Any administrator</span>
        ) : (
          item.reviewers.map(nameOf).join(', ')
        )}
      </dd>
      <dt>As of</dt>
      <dd>
        <Time at={item.takenAt} form="dateTime" />
      </dd>
    </dl>
  );
}

/** Rights beyond those of everybody, with their last use: what was not used is first. */
function Rights({ item }: { readonly item: ReviewItem }) {
  const meaning = usePermissionMeanings();
  const [all, setAll] = useState(false);
  if (item.rights === null) return null;
  const { used, unused, unknown } = item.rights;
  const rows = [
    ...unused.map((permission) => ({ permission, at: null, traced: true })),
    ...used.map(({ permission, lastAt }) => ({ permission, at: lastAt, traced: true })),
    ...unknown.map((permission) => ({ permission, at: null, traced: false })),
  ];
  if (rows.length === 0) return null;
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>Rights and their last use in 90 days</h3>
      <ul className={styles.rights}>
        {(all ? rows : rows.slice(0, RIGHTS_SHOWN)).map(({ permission, at, traced }) => (
          <li key={permission}>
            <span className="grow ellipsis" title={meaning(permission)}>
              {upperFirst(meaning(permission))}
            </span>
            <span className="muted">{traced ? <Time at={at} form="date" /> : 'Leaves no trace'}</span>
          </li>
        ))}
      </ul>
      {rows.length > RIGHTS_SHOWN && (
        <Button size="xs" variant="subtle" mt={4} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `All ${rows.length}`}
        </Button>
      )}
    </section>
  );
}
