import { Button, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Group } from '../../api/schema.d.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { toast } from '../../components/toast.tsx';
import { type WorkingHours, WorkingHoursFields } from '../alerts/working-hours-fields.tsx';
import type { GroupTabProps } from './group-page.tsx';
import styles from './groups.module.css';
import { PatternField } from './pattern-field.tsx';
import { useGroupChange } from './use-groups.ts';

/** What a group is called and is for, when its people work, and its end. */
export function SettingsTab({ group, locks, onAct }: GroupTabProps) {
  return (
    <div className={styles.settings}>
      <Details key={`${group.name} ${group.description}`} group={group} locks={locks} />
      <People key={group.autoAssignPattern} group={group} locks={locks} />
      <Hours group={group} />
      <Card title="Delete the group">
        <p className="muted">
          Its members stay, without what the group gives. The role, the grants and the working hours of the
          group end.
        </p>
        <div>
          <ActionButton danger="outline" lockedBecause={locks.manage} onClick={() => onAct('delete')}>
            Delete {group.name}
          </ActionButton>
        </div>
      </Card>
    </div>
  );
}

function Details({ group, locks }: Pick<GroupTabProps, 'group' | 'locks'>) {
  const [name, setName] = useState(group.name);
  const [description, setDescription] = useState(group.description ?? '');
  const patch = (body: Partial<Pick<Group, 'name' | 'description'>>) =>
    dataOf(api.PATCH('/groups/{id}', { params: { path: { id: group.id } }, body }));
  const save = useGroupChange(
    () =>
      patch({
        ...(name.trim() === group.name ? {} : { name: name.trim() }),
        description: description.trim() === '' ? null : description.trim(),
      }),
    () => toast(`${name.trim()} was changed.`, () => back.mutate(undefined)),
  );
  const back = useGroupChange(() => patch({ name: group.name, description: group.description }));
  const changed = name.trim() !== group.name || description.trim() !== (group.description ?? '');
  const about = (field: string) => (save.error instanceof ApiError ? save.error.about(field) : undefined);
  const beside = about('name') !== undefined || about('description') !== undefined;
  return (
    <Card title="Details">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        {save.error !== null && !beside && <Failure error={save.error} />}
        <TextInput
          label="Name"
          description={locks.name}
          maxLength={200}
          value={name}
          disabled={locks.name !== undefined}
          error={about('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Description"
          maxLength={2_000}
          value={description}
          disabled={locks.manage !== undefined}
          error={about('description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <div>
          <Button
            type="submit"
            variant="filled"
            loading={save.isPending}
            disabled={!changed || name.trim() === '' || locks.manage !== undefined}
          >
            Save details
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** Whom the group adds by their address. */
function People({ group, locks }: Pick<GroupTabProps, 'group' | 'locks'>) {
  const before = group.autoAssignPattern;
  const [pattern, setPattern] = useState(before ?? '');
  const patch = (autoAssignPattern: string | null) =>
    dataOf(api.PATCH('/groups/{id}', { params: { path: { id: group.id } }, body: { autoAssignPattern } }));
  const next = pattern.trim() === '' ? null : pattern.trim();
  const save = useGroupChange(
    () => patch(next),
    ({ autoAssignPattern }) =>
      toast(
        autoAssignPattern === null
          ? `${group.name} no longer adds people by their address; those it added leave in the background.`
          : `${group.name} adds everyone with ${autoAssignPattern}, in the background.`,
        () => back.mutate(undefined),
      ),
  );
  const back = useGroupChange(() => patch(before));
  const error = save.error instanceof ApiError ? save.error.about('autoAssignPattern') : undefined;
  const locked = locks.manage ?? (before === null ? locks.pattern : undefined);
  return (
    <Card title="People by address">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        {save.error !== null && error === undefined && <Failure error={save.error} />}
        <PatternField
          group={group}
          role={group.role}
          value={pattern}
          error={error}
          lockedBecause={locked}
          onChange={(value) => {
            save.reset();
            setPattern(value);
          }}
        />
        <div>
          <Button type="submit" loading={save.isPending} disabled={next === before || locked !== undefined}>
            Save whom it adds
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** Working hours of the group, for alerts on sign-ins outside of them. */
function Hours({ group }: Pick<GroupTabProps, 'group'>) {
  const me = useMe();
  const mayChange = me.may('alerts:manage');
  const path = { params: { path: { id: group.id } } };
  const own = useQuery({
    queryKey: ['alerts', 'hours-of-group', group.id],
    enabled: mayChange,
    queryFn: () => dataOf(api.GET('/groups/{id}/working-hours', path)),
  });
  const rules = useQuery({
    queryKey: ['alerts', 'rules'],
    enabled: mayChange,
    queryFn: () => dataOf(api.GET('/alert-rules')),
  });
  return (
    <Card title="Working hours">
      {!mayChange && <p className="muted">{NO_PERMISSION}</p>}
      {own.error !== null && <Failure error={own.error} retry={() => void own.refetch()} />}
      {own.data !== undefined && rules.data !== undefined && (
        <HoursForm
          key={JSON.stringify(own.data.hours)}
          group={group}
          own={own.data.hours}
          ofOrganization={rules.data.off_hours}
        />
      )}
    </Card>
  );
}

function HoursForm({
  group,
  own,
  ofOrganization,
}: Pick<GroupTabProps, 'group'> & {
  readonly own: WorkingHours | null;
  readonly ofOrganization: WorkingHours;
}) {
  const queries = useQueryClient();
  const [hours, setHours] = useState<WorkingHours>(own ?? { ...ofOrganization, enabled: true });
  const [isOwn, setIsOwn] = useState(own !== null);
  const path = { params: { path: { id: group.id } } };
  const save = useMutation({
    mutationFn: (next: WorkingHours | null): Promise<unknown> =>
      next === null
        ? dataOf(api.DELETE('/groups/{id}/working-hours', path))
        : dataOf(api.PUT('/groups/{id}/working-hours', { ...path, body: next })),
    onSuccess: (_, next) => {
      const said =
        next === null
          ? `The organization’s hours hold for ${group.name} now.`
          : `The working hours of ${group.name} were set.`;
      if (JSON.stringify(next) !== JSON.stringify(own)) toast(said, () => save.mutate(own));
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['alerts', 'hours-of-group', group.id] }),
  });
  const next = isOwn ? hours : null;
  const changed = JSON.stringify(next) !== JSON.stringify(own);
  const about = (field: string) => (save.error instanceof ApiError ? save.error.about(field) : undefined);
  const beside = ['from', 'to', 'timeZone', 'days', 'holidays'].some((field) => about(field) !== undefined);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(next);
      }}
    >
      {save.error !== null && !beside && <Failure error={save.error} />}
      <Switch
        label="Hours of its own"
        description={
          ofOrganization.enabled
            ? `Otherwise the organization’s hold: ${ofOrganization.from} to ${ofOrganization.to}, ${ofOrganization.timeZone}.`
            : 'Otherwise the organization’s rule holds, which is off: sign-ins at any hour open no alert.'
        }
        checked={isOwn}
        onChange={(event) => setIsOwn(event.currentTarget.checked)}
      />
      {isOwn && (
        <>
          <Switch
            label="A sign-in outside of them opens an alert"
            checked={hours.enabled}
            onChange={(event) => setHours({ ...hours, enabled: event.currentTarget.checked })}
          />
          <WorkingHoursFields
            hours={hours}
            about={about}
            onChange={(part) => setHours({ ...hours, ...part })}
          />
        </>
      )}
      <div>
        <Button type="submit" loading={save.isPending} disabled={!changed}>
          Save working hours
        </Button>
      </div>
    </form>
  );
}
