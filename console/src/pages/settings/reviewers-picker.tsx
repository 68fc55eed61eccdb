import { ActionIcon, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { nameOf } from '../../components/person.tsx';
import { userQuery } from '../users/use-users.ts';
import { UserPicker } from '../users/user-picker.tsx';
import styles from './settings.module.css';
import type { Settings } from './use-settings.tsx';

type Rule = Settings['reviewSchedule']['reviewers']['rule'];

const RULES: readonly (readonly [Rule, string])[] = [
  ['managers', 'The managers of each person’s groups'],
  ['group_managers', 'The managers of the groups that are reviewed'],
  ['owners', 'The owners'],
  ['people', 'People whom you choose'],
];

/** Who reviews. */
export function ReviewersPicker({
  rule,
  users,
  error,
  onChange,
}: {
  readonly rule: Rule;
  readonly users: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (rule: Rule, users: readonly string[]) => void;
}) {
  return (
    <>
      <Select
        label="Who reviews"
        data={RULES.map(([value, label]) => ({ value, label }))}
        value={rule}
        allowDeselect={false}
        error={rule === 'people' ? undefined : error}
        onChange={(value) => onChange(value ?? 'owners', users)}
      />
      {rule === 'people' && (
        <>
          <ul>
            {users.map((id) => (
              <Reviewer
                key={id}
                id={id}
                onRemove={() =>
                  onChange(
                    rule,
                    users.filter((other) => other !== id),
                  )
                }
              />
            ))}
          </ul>
          <UserPicker
            key={users.length}
            label="Add a reviewer"
            value={undefined}
            error={error}
            onChange={(id) => id !== undefined && !users.includes(id) && onChange(rule, [...users, id])}
          />
        </>
      )}
    </>
  );
}

function Reviewer({ id, onRemove }: { readonly id: string; readonly onRemove: () => void }) {
  const { data } = useQuery(userQuery(id));
  const name = data === undefined ? id : nameOf(data);
  return (
    <li className={styles.line}>
      <bdi className="grow">{name}</bdi>
      <ActionIcon aria-label={`Remove ${name}`} onClick={onRemove}>
        <IconX size={16} stroke={1.5} />
      </ActionIcon>
    </li>
  );
}
