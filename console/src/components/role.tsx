import { IconClock } from '@tabler/icons-react';
import type { User } from '../api/schema.d.ts';
import styles from './marks.module.css';
import { Tag } from './tag.tsx';
import { clockTime } from './time.tsx';

export type RoleName = User['role'];
export const ROLES: readonly RoleName[] = ['readonly', 'train', 'configure', 'admin'];
export const TIERS: Readonly<Record<RoleName, string>> = {
  readonly: 'User',
  train: 'User',
  configure: 'Manager',
  admin: 'Admin',
};

/** Four rising bars: how far a role reaches. Bars that a temporary role adds are amber. */
export function RoleMeter({
  role,
  elevatedTo,
}: {
  readonly role: RoleName;
  readonly elevatedTo?: RoleName | undefined;
}) {
  const own = ROLES.indexOf(role);
  const elevated = elevatedTo === undefined ? own : ROLES.indexOf(elevatedTo);
  return (
    <svg className={styles.meter} width="18" height="13" viewBox="0 0 18 13" aria-hidden="true">
      {ROLES.map((name, at) => {
        const height = 4 + at * 3;
        const fill = at <= own ? 'var(--ink)' : at <= elevated ? 'var(--warning-mark)' : 'var(--edge)';
        return (
          <rect key={name} x={at * 4.7} y={13 - height} width="3.2" height={height} rx="0.8" fill={fill} />
        );
      })}
    </svg>
  );
}

/** The role of a user: meter, name, and what is special about it. */
export function RoleOf({
  user,
  tier = false,
}: {
  readonly user: Pick<User, 'role' | 'owner' | 'elevation' | 'effectiveRole'>;
  readonly tier?: boolean;
}) {
  return (
    <span className={styles.role}>
      <RoleMeter
        role={user.effectiveRole === user.elevation?.role ? user.role : user.effectiveRole}
        elevatedTo={user.elevation?.role}
      />
      {user.effectiveRole}
      {tier && <span className="muted">{TIERS[user.effectiveRole]}</span>}
      {user.owner && <span className={styles.owner}>Owner</span>}
      {user.elevation !== null && (
        <Tag tone="warning" title={`Temporarily ${user.elevation.role}`}>
          <IconClock size={12} aria-hidden />
          {clockTime(user.elevation.expiresAt)}
        </Tag>
      )}
    </span>
  );
}

/** A role by itself, as in a menu or a difference. */
export function RoleLabel({ role }: { readonly role: RoleName }) {
  return (
    <span className={styles.role}>
      <RoleMeter role={role} />
      {role}
    </span>
  );
}
