import { Checkbox, Radio, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Group, GroupPreview } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { nameOf } from '../../components/person.tsx';
import { ROLES, RoleLabel, type RoleName, TIERS } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import { PeoplePicker } from '../users/people-picker.tsx';
import styles from './groups.module.css';
import { directoryOf, memberCount, useGroupChange } from './use-groups.ts';

interface Props {
  readonly group: Group;
  readonly onClose: () => void;
}

type CarriedRole = RoleName | null;
const NONE = 'none';
const roleOptions = [
  { value: NONE, label: 'No role' },
  ...ROLES.map((role) => ({ value: role, label: `${role} (${TIERS[role]})` })),
];

/** Creates a group and goes there. */
export function CreateGroupDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [role, setRole] = useState(NONE);
  const create = useGroupChange(() =>
    dataOf(
      api.POST('/groups', {
        body: {
          name: name.trim(),
          description: description.trim() === '' ? null : description.trim(),
          role: role === NONE ? null : (role as RoleName),
        },
      }),
    ),
  );
  const about = (path: string) => (create.error instanceof ApiError ? create.error.about(path) : undefined);
  const beside = ['name', 'description', 'role'].some((path) => about(path) !== undefined);
  return (
    <Dialog
      title="Create group"
      consequence="It is empty at first. What it carries holds for everyone who is put in."
      act="Create group"
      acting={create.isPending}
      disabled={name.trim() === ''}
      error={beside ? undefined : create.error}
      onClose={onClose}
      onAct={() =>
        create.mutate(undefined, {
          onSuccess: ({ id }) => {
            toast(`${name.trim()} was created.`);
            void navigate({ to: '/groups/$groupId', params: { groupId: id } });
          },
        })
      }
    >
      <TextInput
        label="Name"
        data-autofocus
        maxLength={200}
        value={name}
        error={about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label="Description"
        description="What the group is for."
        maxLength={2_000}
        value={description}
        error={about('description')}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Role that it carries"
        description="Members get it while it is higher than their own."
        data={roleOptions}
        value={role}
        allowDeselect={false}
        error={about('role')}
        onChange={(value) => setRole(value ?? NONE)}
      />
    </Dialog>
  );
}

/** Puts users into a group. */
export function AddMembersDialog({ group, onClose }: Props) {
  const [userIds, setUserIds] = useState<readonly string[]>([]);
  const [inGroupRole, setInGroupRole] = useState<'member' | 'manager'>('member');
  const path = { params: { path: { id: group.id } } };
  const add = useGroupChange(() =>
    dataOf(api.POST('/groups/{id}/members', { ...path, body: { userIds: [...userIds], inGroupRole } })),
  );
  const remove = useGroupChange(() =>
    Promise.all(
      userIds.map((userId) =>
        dataOf(api.DELETE('/groups/{id}/members/{userId}', { params: { path: { id: group.id, userId } } })),
      ),
    ),
  );
  const people = counted(userIds.length, 'person', 'people');
  return (
    <Dialog
      title={`Add people to ${group.name}`}
      consequence={
        group.role === null
          ? 'What the group gives is theirs with their next request.'
          : `They get the role ${group.role} with their next request, unless theirs is higher already.`
      }
      act={`Add ${people}`}
      acting={add.isPending}
      disabled={userIds.length === 0}
      error={add.error}
      onClose={onClose}
      onAct={() =>
        add.mutate(undefined, {
          onSuccess: ({ added }) => {
            const undo = added === userIds.length ? () => remove.mutate(undefined) : undefined;
            toast(`${counted(added, 'person was', 'people were')} added to ${group.name}.`, undo);
            onClose();
          },
        })
      }
    >
      <PeoplePicker
        label="People"
        value={userIds}
        onChange={setUserIds}
        without={({ groups }) => groups.some(({ id }) => id === group.id)}
      />
      <Select
        label="In the group as"
        description="A manager looks after the people of the group, and needs the role configure or admin."
        data={[
          { value: 'member', label: 'Member' },
          { value: 'manager', label: 'Manager' },
        ]}
        value={inGroupRole}
        allowDeselect={false}
        onChange={(value) => setInGroupRole(value as 'member')}
      />
    </Dialog>
  );
}

const useImpact = (group: Group, role: CarriedRole, enabled: boolean) =>
  useQuery({
    queryKey: ['groups', group.id, 'dry-run', role, group.version],
    enabled,
    retry: false,
    queryFn: () =>
      dataOf(api.POST('/groups/{id}/dry-run', { params: { path: { id: group.id } }, body: { role } })),
  });

/** Changes the role that a group carries: who gets another role is shown before the button. */
export function GroupRoleDialog({ group, onClose }: Props) {
  const [role, setRole] = useState<CarriedRole>(group.role);
  const changed = role !== group.role;
  const impact = useImpact(group, role, changed);
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

/** Deletes a group: what stops is named before. */
export function DeleteGroupDialog({ group, onClose }: Props) {
  const me = useMe();
  const navigate = useNavigate();
  const [insists, setInsists] = useState(false);
  const directory = directoryOf(group);
  const impact = useImpact(group, null, group.role !== null);
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
