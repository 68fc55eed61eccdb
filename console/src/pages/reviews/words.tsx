import { IconArrowDown, IconArrowUp, IconCheck, IconUserMinus, IconUserOff } from '@tabler/icons-react';
import type { ReviewItem } from '../../api/schema.d.ts';
import { ROLES, type RoleName } from '../../components/role.tsx';
import styles from './reviews.module.css';

/** @returns what is suggested, with how much it matters: `Lower to configure, high risk` */
export function suggestionInWords(item: ReviewItem): string {
  const { decision, role, group } = item.suggestion;
  const act = {
    keep: 'Keep',
    deactivate: endWord(item),
    change_role: role === null ? 'Change the role' : `${isLower(item, role) ? 'Lower' : 'Raise'} to ${role}`,
    remove_group: `Remove from ${item.groups.find(({ id }) => id === group)?.name ?? 'a group'}`,
  }[decision];
  return `${act}, ${item.risk} risk`;
}

/** @returns the verb that ends the access: users are deactivated, accounts disabled, keys revoked */
export const endWord = ({ subject }: ReviewItem): string =>
  ({ user: 'Deactivate', service_account: 'Disable', api_key: 'Revoke' })[subject.type];

const isLower = ({ effectiveRole }: ReviewItem, role: RoleName): boolean =>
  effectiveRole !== null && ROLES.indexOf(role) < ROLES.indexOf(effectiveRole);

/** What was decided, as rows and panels show it. */
export function DecisionMark({ item }: { readonly item: ReviewItem }) {
  const { decision, after } = item;
  if (decision === null) {
    return item.mayDecide ? (
      <span className="muted">Open</span>
    ) : (
      <span className="muted" title="You cannot review your own access: another reviewer decides.">
        Not yours
      </span>
    );
  }
  const icon = { size: 14, stroke: 2, 'aria-hidden': true } as const;
  if (decision === 'keep') {
    return (
      <span className={styles.decision} data-decision="keep">
        <IconCheck {...icon} /> Keep
      </span>
    );
  }
  if (decision === 'change_role') {
    const role = after?.['role'] as RoleName | undefined;
    const before = item.before?.['role'] as RoleName | undefined;
    const raised = role !== undefined && before !== undefined && ROLES.indexOf(role) > ROLES.indexOf(before);
    return (
      <span className={styles.decision} data-decision="change">
        {raised ? <IconArrowUp {...icon} /> : <IconArrowDown {...icon} />} to {role ?? 'another role'}
      </span>
    );
  }
  if (decision === 'remove_group') {
    const group = item.groups.find(({ id }) => id === item.before?.['group']);
    return (
      <span className={styles.decision} data-decision="change" title={group?.name}>
        <IconUserMinus {...icon} /> out of {group?.name ?? 'a group'}
      </span>
    );
  }
  return (
    <span className={styles.decision} data-decision="end">
      <IconUserOff {...icon} />{' '}
      {{ user: 'Deactivated', service_account: 'Disabled', api_key: 'Revoked' }[item.subject.type]}
    </span>
  );
}
