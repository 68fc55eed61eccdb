import { Progress, Select, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { User, UsersBulkRequest } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { ROLES, type RoleName, TIERS } from '../../../components/role.tsx';
import { toast } from '../../../components/toast.tsx';
import { GroupPicker } from '../group-picker.tsx';
import styles from './acts.module.css';

export type BulkAct = UsersBulkRequest['action'];

const BATCH = 500;
const WORDS: Readonly<
  Record<BulkAct, { readonly title: string; readonly verb: string; readonly done: string }>
> = {
  add_to_group: { title: 'to groups', verb: 'Add', done: 'were added' },
  remove_from_group: { title: 'from groups', verb: 'Remove', done: 'were removed' },
  change_role: { title: 'the role', verb: 'Change the role of', done: 'have a new role' },
  deactivate: { title: '', verb: 'Deactivate', done: 'were deactivated' },
  activate: { title: '', verb: 'Activate', done: 'are active again' },
  resend_invite: { title: '', verb: 'Send the invitation again to', done: 'were invited again' },
};

/** The same for several users: an impact before, a result by person after. */
export function BulkDialog({
  act,
  users,
  onClose,
  onDone,
}: {
  readonly act: BulkAct;
  readonly users: readonly User[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const queries = useQueryClient();
  const [groupIds, setGroupIds] = useState<readonly string[]>([]);
  const [role, setRole] = useState<RoleName>();
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(0);
  const userIds = users.map(({ id }) => id);
  const words = WORDS[act];
  const many = `${users.length.toLocaleString('en-GB')} ${users.length === 1 ? 'person' : 'people'}`;
  const impact = useQuery({
    queryKey: ['users', 'bulk-impact', role, userIds],
    enabled: act === 'change_role' && role !== undefined && users.length <= BATCH,
    queryFn: () => dataOf(api.POST('/users/bulk/role-impact', { body: { userIds, role: role as RoleName } })),
  });
  const run = useMutation({
    mutationFn: async () => {
      const results = [];
      for (let from = 0; from < userIds.length; from += BATCH) {
        const batch = userIds.slice(from, from + BATCH);
        let impactToken = impact.data?.impactToken;
        if (act === 'change_role' && impactToken === undefined) {
          const shown = await dataOf(
            api.POST('/users/bulk/role-impact', { body: { userIds: batch, role: role as RoleName } }),
          );
          impactToken = shown.impactToken;
        }
        const answer = await dataOf(
          api.POST('/users/bulk', {
            body: {
              action: act,
              userIds: batch,
              params: {
                ...(groupIds.length === 0 ? {} : { groupIds: [...groupIds] }),
                ...(role === undefined ? {} : { role }),
                ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
              },
              ...(impactToken === undefined ? {} : { impactToken }),
            },
          }),
        );
        results.push(...answer.results);
        setDone(results.length);
      }
      return results;
    },
    onSettled: () =>
      Promise.all([['users'], ['groups']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
    onSuccess: (results) => {
      if (results.some(({ ok }) => !ok)) return;
      toast(`${many} ${words.done}.`);
      onDone();
    },
  });
  const refused = run.data?.filter(({ ok }) => !ok) ?? [];
  const names = new Map(users.map((user) => [user.id, nameOf(user)]));
  const finished = run.data !== undefined;
  const succeeded = (run.data?.length ?? 0) - refused.length;
  return (
    <Dialog
      title={
        finished
          ? `${succeeded.toLocaleString('en-GB')} of ${many} ${words.done}`
          : `${words.verb} ${many}${words.title === 'the role' || words.title === '' ? '' : ` ${words.title}`}?`
      }
      consequence={finished ? 'These were left as they were, each with its reason.' : consequenceOf(act)}
      act={finished ? 'Close' : `${words.verb} ${many}`}
      danger={act === 'deactivate' && !finished}
      acting={run.isPending}
      disabled={
        !finished &&
        (((act === 'add_to_group' || act === 'remove_from_group') && groupIds.length === 0) ||
          (act === 'change_role' && (role === undefined || impact.isFetching)))
      }
      error={run.error ?? impact.error}
      cancels={!finished}
      onClose={finished ? onDone : onClose}
      onAct={() => (finished ? onDone() : run.mutate())}
    >
      {!finished && (act === 'add_to_group' || act === 'remove_from_group') && (
        <GroupPicker label="Groups" changes value={groupIds} onChange={setGroupIds} />
      )}
      {!finished && act === 'change_role' && (
        <Select
          label="Role"
          data={ROLES.map((value) => ({ value, label: `${value} (${TIERS[value]})` }))}
          value={role ?? null}
          allowDeselect={false}
          onChange={(value) => setRole(value as RoleName)}
        />
      )}
      {!finished && impact.data !== undefined && <RoleImpacts impacts={impact.data.impacts} />}
      {!finished && (act === 'change_role' || act === 'deactivate') && (
        <Textarea
          label="Reason"
          description="Recorded in the audit trail."
          value={reason}
          maxLength={2_000}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {run.isPending && users.length > BATCH && (
        <Progress value={(done / users.length) * 100} aria-label={`${done} of ${users.length} done`} />
      )}
      {refused.length > 0 && (
        <ul className={styles.results}>
          {refused.map(({ id, message }) => (
            <li key={id}>
              <b className="grow ellipsis" dir="auto">
                {names.get(id)}
              </b>
              <span className="muted">{message}</span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function consequenceOf(act: BulkAct): string {
  if (act === 'deactivate') return 'They can no longer sign in. Nothing is deleted.';
  if (act === 'resend_invite')
    return 'Earlier links stop working. People who have already joined are left out, with the reason.';
  return 'It takes effect with their next request. Roles that a directory sets are left out, with the reason.';
}

function RoleImpacts({
  impacts,
}: {
  readonly impacts: readonly {
    readonly effectiveFrom: RoleName;
    readonly effectiveTo: RoleName;
    readonly lost: readonly unknown[];
  }[];
}) {
  const changed = impacts.filter(({ effectiveFrom, effectiveTo }) => effectiveFrom !== effectiveTo);
  const lose = changed.filter(({ lost }) => lost.length > 0).length;
  const admins = changed.filter(({ effectiveFrom }) => effectiveFrom === 'admin').length;
  return (
    <p role="status">
      <b>{changed.length}</b> of {impacts.length} get another role in effect
      {lose > 0 && `, ${lose} lose rights`}
      {admins > 0 && (
        <>
          ,{' '}
          <b className="danger">
            {admins} {admins === 1 ? 'is' : 'are'} no longer admin
          </b>
        </>
      )}
      .
    </p>
  );
}
