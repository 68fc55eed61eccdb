import { Radio } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { Group, GroupPreview } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { nameOf } from '../../components/person.tsx';
import { ROLES, RoleLabel, type RoleName, TIERS } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './groups.module.css';
import { useGroupChange } from './use-groups.ts';
import { type CarriedRole, useRoleImpact } from './use-role-impact.ts';

interface Props {
  readonly group: Group;
  readonly onClose: () => void;
}

const NONE = 'none';

/** Changes the role that a group carries: who gets another role is shown before the button. */
export function GroupRoleDialog({ group, onClose }: Props) {
  const [role, setRole] = useState<CarriedRole>(group.role);
  const changed = role !== group.role;
  const impact = useRoleImpact(group, role, changed);
  const patch = (to: CarriedRole) =>
    dataOf(api.PATCH('/groups/{id}', { params: { path: { id: group.id } }, body: { role: to } }));
  const change = useGroupChange(() => patch(role));
  const back = useGroupChange(() => patch(group.role));
  return (
    <Dialog
      title={`Change the role of ${group.name}`}
      consequence="It takes effect with the members’ next request; open sessions stay open."
      act={role === null ? `Take the role from ${group.name}` : `Let ${group.name} carry ${role}`}
      acting={change.isPending}
      disabled={!changed || impact.data === undefined}
      error={change.error}
      onClose={onClose}
      onAct={() =>
        change.mutate(undefined, {
          onSuccess: () => {
            toast(`${group.name} carries ${role ?? 'no role'} now.`, () => back.mutate(undefined));
            onClose();
          },
        })
      }
    >
      <Radio.Group
        value={role ?? NONE}
        onChange={(value) => setRole(value === NONE ? null : (value as RoleName))}
        aria-label="Role"
      >
        <div className={styles.ladder}>
          {[...ROLES].reverse().map((rung) => (
            <Radio.Card key={rung} value={rung} className={styles.rung ?? ''}>
              <Radio.Indicator size="xs" />
              <span className={styles.rungRole}>
                <RoleLabel role={rung} />
              </span>
              <span className="muted small grow">
                {TIERS[rung]}
                {rung === group.role && ', now'}
              </span>
            </Radio.Card>
          ))}
          <Radio.Card value={NONE} className={styles.rung ?? ''}>
            <Radio.Indicator size="xs" />
            <span className={styles.rungRole}>No role</span>
            <span className="muted small grow">
              Members keep what they have otherwise{group.role === null && ', now'}
            </span>
          </Radio.Card>
        </div>
      </Radio.Group>
      {impact.error !== null && <Failure error={impact.error} />}
      {changed && impact.data !== undefined && <Impact preview={impact.data} />}
    </Dialog>
  );
}

/** Who gets another role, by what a dry run found. */
function Impact({ preview }: { readonly preview: GroupPreview }) {
  const loses = preview.changes.some(
    ({ before, after }) => ROLES.indexOf(after) < ROLES.indexOf(before) || after === 'admin',
  );
  return (
    <Note tone={loses ? 'warning' : 'info'} role="status">
      <p>{preview.sentence}</p>
      {preview.changes.length > 0 && (
        <ul className={styles.effects}>
          {preview.changes.map(({ before, after, users, people }) => (
            <li key={`${before} ${after}`}>
              <b className="figures">{users.toLocaleString('en-GB')}</b> from {before} to {after}
              {people.length > 0 && (
                <span className="muted small">
                  : {people.slice(0, 12).map(nameOf).join(', ')}
                  {users > 12 && ` and ${(users - 12).toLocaleString('en-GB')} more`}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Note>
  );
}
