import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { ReviewCreateRequest } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';
import { GroupPicker } from '../users/group-picker.tsx';
import { PeoplePicker } from '../users/people-picker.tsx';
import styles from './reviews.module.css';

type Rule = NonNullable<ReviewCreateRequest['reviewers']>['rule'];

const RULES: readonly { readonly value: Rule; readonly label: string }[] = [
  { value: 'managers', label: 'The managers of each person’s groups' },
  { value: 'group_managers', label: 'The managers of the chosen groups' },
  { value: 'owners', label: 'The owners' },
  { value: 'people', label: 'People whom you choose' },
];

/** Starts a review: whom it is about, who decides, until when. */
export function StartReviewDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const [users, setUsers] = useState(true);
  const [privileged, setPrivileged] = useState(false);
  const [programs, setPrograms] = useState(false);
  const [groups, setGroups] = useState<readonly string[]>([]);
  const [idle, setIdle] = useState<number | string>('');
  const [rule, setRule] = useState<Rule>('managers');
  const [people, setPeople] = useState<readonly string[]>([]);
  const [days, setDays] = useState<number | string>(21);
  const [undecided, setUndecided] = useState<'leave' | 'keep'>('leave');
  const start = useMutation({
    mutationFn: () =>
      dataOf(
        api.POST('/reviews', {
          body: {
            ...(title.trim() === '' ? {} : { title: title.trim() }),
            scope: {
              users,
              privileged: users && privileged,
              programs,
              ...(users && groups.length > 0 ? { groups: [...groups] } : {}),
              ...(users && typeof idle === 'number' ? { inactiveDays: idle } : {}),
            },
            reviewers: { rule, ...(rule === 'people' ? { users: [...people] } : {}) },
            ...(typeof days === 'number' ? { daysUntilDue: days } : {}),
            undecided,
          },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['reviews'] }),
  });
  const about = (path: string) => (start.error instanceof ApiError ? start.error.about(path) : undefined);
  const beside = ['title', 'daysUntilDue', 'reviewers.users', 'scope.groups', 'scope.inactiveDays'].some(
    (path) => about(path) !== undefined,
  );
  return (
    <Dialog
      title="Start a review"
      consequence="Reviewers get an email once all items are collected. Nothing changes until they decide."
      act="Start the review"
      acting={start.isPending}
      disabled={(!users && !programs) || (rule === 'people' && people.length === 0)}
      error={beside ? undefined : start.error}
      onClose={onClose}
      onAct={() =>
        start.mutate(undefined, {
          onSuccess: (review) => {
            toast(`${review.title} was started.`);
            void navigate({ to: '/reviews/$reviewId', params: { reviewId: review.id } });
          },
        })
      }
    >
      <TextInput
        label="Title"
        data-autofocus
        description="By default, the day and the scope."
        maxLength={200}
        value={title}
        error={about('title')}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <legend className="visually-hidden">Scope</legend>
        <div className={styles.options}>
          <h3>Scope</h3>
          <Checkbox
            label="People"
            checked={users}
            onChange={(event) => setUsers(event.currentTarget.checked)}
          />
          {users && (
            <div className={styles.options} style={{ paddingInlineStart: 26 }}>
              <Checkbox
                label="Only those whose role is configure or admin"
                checked={privileged}
                onChange={(event) => setPrivileged(event.currentTarget.checked)}
              />
              <GroupPicker
                label="Only members of these groups"
                value={groups}
                onChange={setGroups}
                error={about('scope.groups')}
              />
              <NumberInput
                label="Only people inactive for this many days"
                w={280}
                min={1}
                max={3_650}
                value={idle}
                error={about('scope.inactiveDays')}
                onChange={setIdle}
              />
            </div>
          )}
          <Checkbox
            label="Service accounts and API keys"
            checked={programs}
            onChange={(event) => setPrograms(event.currentTarget.checked)}
          />
        </div>
      </fieldset>
      <Select
        label="Who decides"
        data={RULES.map(({ value, label }) => ({
          value,
          label,
          disabled: value === 'group_managers' && groups.length === 0,
        }))}
        value={rule}
        allowDeselect={false}
        description="No one reviews their own access. Items without a reviewer go to the administrators."
        onChange={(value) => setRule(value as Rule)}
      />
      {rule === 'people' && (
        <PeoplePicker
          label="Reviewers"
          value={people}
          onChange={setPeople}
          filter={{ effectiveRole: ['configure', 'admin'] }}
          error={about('reviewers.users')}
        />
      )}
      <div className="row wrap" style={{ alignItems: 'start' }}>
        <NumberInput
          label="Days until it is due"
          w={160}
          min={1}
          max={90}
          value={days}
          error={about('daysUntilDue')}
          onChange={setDays}
        />
        <Select
          className="grow"
          style={{ flexBasis: 200 }}
          label="What is undecided at the close"
          data={[
            { value: 'leave', label: 'Stays undecided' },
            { value: 'keep', label: 'Is recorded as kept' },
          ]}
          value={undecided}
          allowDeselect={false}
          onChange={(value) => setUndecided(value as 'leave')}
        />
      </div>
    </Dialog>
  );
}
