import type { ReactNode } from 'react';
import type { HistoryChange, User } from '../../api/schema.d.ts';
import { After, Before } from '../../components/difference.tsx';
import { ROLES, RoleMeter, type RoleName } from '../../components/role.tsx';
import { Status, USER_STATUSES } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { dateTime } from '../../components/time.tsx';
import styles from './history.module.css';

type State = Readonly<Record<string, unknown>> | null;

const isRole = (value: unknown): value is RoleName => ROLES.includes(value as RoleName);

/** A deleted user is not there, though the row is. */
const present = (state: State): State =>
  state === null || (state['deletedAt'] ?? null) !== null ? null : state;

/** What was, or what is, of one change. Marked is only what differs. */
export function StateCell({
  change,
  side,
}: {
  readonly change: HistoryChange;
  readonly side: 'before' | 'after';
}) {
  const [before, after] = [present(change.before as State), present(change.after as State)];
  const [shown, other] = side === 'before' ? [before, after] : [after, before];
  const Mark = side === 'before' ? Before : After;
  const marked = (key: string, text: string): ReactNode =>
    other !== null && JSON.stringify(shown?.[key]) !== JSON.stringify(other[key]) ? (
      <Mark>{text}</Mark>
    ) : (
      text
    );
  switch (change.kind) {
    case 'user': {
      if (shown === null) return <span className="muted">No account</span>;
      const role = shown['role'];
      const status = shown['status'] as User['status'];
      const statusDiffers = other !== null && status !== other['status'];
      const showsStatus = statusDiffers || status !== 'active';
      return (
        <span className={styles.state}>
          {showsStatus && USER_STATUSES[status] !== undefined && (
            <Status shape={USER_STATUSES[status][0]}>{marked('status', USER_STATUSES[status][1])}</Status>
          )}
          {!(statusDiffers && role === other['role']) && isRole(role) && (
            <>
              <RoleMeter role={role} />
              {marked('role', role)}
            </>
          )}
          {shown['owner'] === true && <Tag>Owner</Tag>}
        </span>
      );
    }
    case 'membership': {
      if (shown === null) return <span className="muted">Not a member</span>;
      const group = change.group?.label ?? 'a group';
      const role = shown['inGroupRole'] === 'manager' ? 'manager' : 'member';
      return (
        <span title={`${role} of ${group}`}>
          {other === null ? <Mark>{group}</Mark> : <bdi>{group}</bdi>}{' '}
          <span className="muted">{marked('inGroupRole', role)}</span>
        </span>
      );
    }
    case 'elevation': {
      if (shown === null) return <span className="muted">None</span>;
      const role = String(shown['role']);
      const state = String(shown['state']);
      return (
        <span className={styles.state} data-wraps>
          {isRole(role) && <RoleMeter role={ROLES[0] as RoleName} elevatedTo={role} />}
          {role}
          <Tag tone={state === 'active' ? 'warning' : 'accent'}>
            {state === 'active' && typeof shown['expiresAt'] === 'string'
              ? `until ${dateTime(shown['expiresAt'])}`
              : state}
          </Tag>
        </span>
      );
    }
    case 'group': {
      if (shown === null) return <span className="muted">No group</span>;
      const role = shown['role'];
      return (
        <span className={styles.state}>
          {marked('name', String(shown['name']))}
          {isRole(role) && (
            <>
              <RoleMeter role={role} />
              {marked('role', role)}
            </>
          )}
        </span>
      );
    }
    case 'grants': {
      const grants = change[side];
      const count = Array.isArray(grants) ? grants.length : 0;
      return <Mark>{count === 1 ? '1 right' : `${count} rights`}</Mark>;
    }
  }
}
