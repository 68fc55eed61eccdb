import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReviewItem } from '../../api/schema.d.ts';
import { nameOf } from '../../components/person.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { capitalized, counted } from '../../components/words.ts';
import { usePermissionMeanings } from '../users/acts/use-meanings.ts';
import { RIGHTS_SHOWN } from './item-panel.tsx';
import styles from './reviews.module.css';

export function Evidence({ item }: { readonly item: ReviewItem }) {
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
      <dd>{capitalized(item.status)}</dd>
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
          <span className="muted small">, {counted(item.activityEvents, 'query', 'queries')} in 90 days</span>
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
export function Rights({ item }: { readonly item: ReviewItem }) {
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
              {capitalized(meaning(permission))}
            </span>
            <span className="muted">{traced ? <Time at={at} form="date" /> : 'Use is not recorded'}</span>
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
