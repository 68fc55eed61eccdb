import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { IconCalendar, IconX } from '@tabler/icons-react';
import type { Search } from '../../app/router.tsx';
import chips from '../../components/filter-chips.module.css';
import { GroupPicker } from './group-picker.tsx';

type Change = (changed: Search) => void;

/** Filters that need more than a choice from a list: a group among many, the day of the last login. */
export function MoreFilters({ search, onChange }: { readonly search: Search; readonly onChange: Change }) {
  return (
    <Popover width={300} position="bottom-start" withinPortal trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          className={chips.add ?? ''}
          leftSection={<IconCalendar size={14} stroke={1.5} aria-hidden />}
        >
          <span className="on-wide">Group or last login</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="stack">
          <GroupPicker
            label="In any of these groups"
            value={search['group']?.split(',').filter(Boolean) ?? []}
            onChange={(ids) => onChange({ group: ids.length === 0 ? undefined : ids.join(',') })}
          />
          <TextInput
            type="date"
            label="Last login on or after"
            value={search['lastLoginAfter'] ?? ''}
            onChange={(event) => onChange({ lastLoginAfter: event.currentTarget.value || undefined })}
          />
          <TextInput
            type="date"
            label="Last login before"
            value={search['lastLoginBefore'] ?? ''}
            onChange={(event) => onChange({ lastLoginBefore: event.currentTarget.value || undefined })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

const FIELDS = [
  ['lastLoginAfter', 'Last login from'],
  ['lastLoginBefore', 'Last login before'],
] as const;

/** The chips of the filters by the day of the last login. */
export function LoginChips({ search, onChange }: { readonly search: Search; readonly onChange: Change }) {
  return FIELDS.map(
    ([key, label]) =>
      search[key] !== undefined && (
        <span key={key} className={chips.chip}>
          <span className={chips.field}>{label}</span>
          <span className={chips.value}>{search[key]}</span>
          <ActionIcon
            size={24}
            aria-label={`Remove the filter by ${label.toLowerCase()}`}
            onClick={() => onChange({ [key]: undefined })}
          >
            <IconX size={14} stroke={1.5} />
          </ActionIcon>
        </span>
      ),
  );
}
