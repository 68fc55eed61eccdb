import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Group } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Note } from '../../components/note.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './groups.module.css';
import { directoryOf, memberCount, useGroupChange } from './use-groups.ts';
import { useRoleImpact } from './use-role-impact.ts';

interface Props {
  readonly group: Group;
  readonly onClose: () => void;
}

/** Deletes a group: what stops is named before. */
export function DeleteGroupDialog({ group, onClose }: Props) {
  const me = useMe();
  const navigate = useNavigate();
  const [insists, setInsists] = useState(false);
  const directory = directoryOf(group);
  const impact = useRoleImpact(group, null, group.role !== null);
  const grants = useQuery({
    queryKey: ['groups', group.id, 'grants'],
    queryFn: () => dataOf(api.GET('/groups/{id}/grants', { params: { path: { id: group.id } } })),
  });
  const remove = useGroupChange(
    () =>
      dataOf(
        api.DELETE('/groups/{id}', {
          params: { path: { id: group.id }, ...(insists ? { query: { force: 'true' as const } } : {}) },
        }),
      ),
    () => {
      toast(`${group.name} was deleted.`);
      return navigate({ to: '/groups' });
    },
  );
  const memberships = `${memberCount(group)}${group.suspendedMemberCount > 0 ? ` and ${group.suspendedMemberCount} suspended` : ''}`;
  const count = grants.data?.total ?? 0;
  return (
    <Dialog
      title={`Delete ${group.name}?`}
      consequence="What it gives ends with the members’ next request. The people stay."
      act={`Delete ${group.name}`}
      danger
      acting={remove.isPending}
      disabled={directory !== undefined && !insists}
      error={remove.error}
      aside="The audit trail keeps who was in it."
      onClose={onClose}
      onAct={() => remove.mutate(undefined)}
    >
      <section>
        <h3 style={{ marginBottom: 6 }}>What stops</h3>
        <ul className={styles.stops}>
          <li>
            <b>Members</b>
            <span className="muted">
              {memberships === '0'
                ? 'None'
                : memberships === '1'
                  ? '1 membership ends'
                  : `${memberships} memberships end`}
            </span>
          </li>
          <li>
            <b>Role</b>
            <span className="muted">
              {group.role === null
                ? 'It carries none'
                : impact.data === undefined || group.memberCount === 0
                  ? `It carries ${group.role}`
                  : impact.data.changes.length === 0
                    ? `It carries ${group.role}; everyone has that from elsewhere, too`
                    : impact.data.changes
                        .map(({ before, after, users }) => `${users} from ${before} to ${after}`)
                        .join(', ')}
            </span>
          </li>
          <li>
            <b>Grants</b>
            <span className="muted">
              {count === 0 ? 'None' : `${count} ${count === 1 ? 'grant ends' : 'grants end'}`}
            </span>
          </li>
          <li>
            <b>Managers</b>
            <span className="muted">Those of this group no longer look after its people</span>
          </li>
        </ul>
      </section>
      {directory !== undefined && (
        <Note tone="warning">
          <p>
            {directory} owns this group: delete it there, or it comes back with the next push.
            {!me.user.owner && ' Only an owner can insist here.'}
          </p>
          {me.user.owner && (
            <Checkbox
              mt={8}
              label={`Delete it here although ${directory} owns it`}
              checked={insists}
              onChange={(event) => setInsists(event.currentTarget.checked)}
            />
          )}
        </Note>
      )}
    </Dialog>
  );
}
