import { Radio, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { ROLES, RoleLabel, type RoleName, TIERS } from '../../../components/role.tsx';
import { toast } from '../../../components/toast.tsx';
import { useLocks, useUserChange } from '../use-users.ts';
import styles from './acts.module.css';
import { RoleImpact } from './role-impact.tsx';

const MEANINGS: Readonly<Record<RoleName, string>> = {
  readonly: 'Asks and reads',
  train: 'Asks, gives feedback and edits answers in own groups',
  configure: 'Creates agents, edits own agents, manages users in groups they manage',
  admin: 'Everything but owners, billing and deleting the organization',
};

/** Changes a role: what would change is shown before the button. */
export function RoleDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const name = nameOf(user);
  const [role, setRole] = useState<RoleName>(user.role);
  const [reason, setReason] = useState('');
  const locks = useLocks(user);
  const impact = useQuery({
    queryKey: ['users', user.id, 'role-impact', role],
    enabled: role !== user.role,
    queryFn: () =>
      dataOf(api.GET('/users/{id}/role-impact', { params: { path: { id: user.id }, query: { role } } })),
  });
  const put = (to: RoleName, impactToken: string | undefined, why: string) =>
    dataOf(
      api.PUT('/users/{id}/role', {
        params: { path: { id: user.id } },
        body: {
          role: to,
          ...(impactToken === undefined ? {} : { impactToken }),
          ...(why.trim() === '' ? {} : { reason: why.trim() }),
        },
      }),
    );
  const change = useUserChange(() => put(role, impact.data?.impactToken, reason));
  const back = useUserChange(async () => {
    const { impactToken } = await dataOf(
      api.GET('/users/{id}/role-impact', { params: { path: { id: user.id }, query: { role: user.role } } }),
    );
    return put(user.role, impactToken, `Undone: ${reason.trim() || 'changed by mistake'}`);
  });
  return (
    <Dialog
      title={`Change the role of ${name}`}
      consequence={locks.role ?? 'It takes effect with their next request; open sessions stay open.'}
      act={`Make ${name} ${role}`}
      acting={change.isPending}
      disabled={role === user.role || impact.data === undefined || locks.role !== undefined}
      error={change.error}
      onClose={onClose}
      onAct={() =>
        change.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} is ${role} now.`, () => back.mutate(undefined));
            onClose();
          },
        })
      }
    >
      <Radio.Group value={role} onChange={(value) => setRole(value as RoleName)} aria-label="Role">
        <div className={styles.ladder}>
          {[...ROLES].reverse().map((rung) => (
            <Radio.Card
              key={rung}
              value={rung}
              className={styles.rung ?? ''}
              disabled={locks.role !== undefined}
            >
              <Radio.Indicator size="xs" />
              <span className={styles.rungRole}>
                <RoleLabel role={rung} />
                <span className="muted small">
                  {rung === user.role ? `${TIERS[rung]}, now` : TIERS[rung]}
                </span>
              </span>
              <span className="muted small grow">{MEANINGS[rung]}</span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
      {impact.error !== null && <Failure error={impact.error} />}
      {impact.data !== undefined && role !== user.role && <RoleImpact impact={impact.data} name={name} />}
      <Textarea
        label="Reason"
        description="Included in the audit trail and in the email."
        value={reason}
        maxLength={2_000}
        error={change.error instanceof ApiError ? change.error.about('reason') : undefined}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Dialog>
  );
}
