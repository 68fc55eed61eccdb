import { Chip, Select, TagsInput, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { ApiError } from '../../api/client.ts';
import type { AlertRules } from '../../api/schema.d.ts';
import styles from './working-hours-fields.module.css';

/** When people are expected to work. Whether a sign-in outside of it opens an alert is `enabled`. */
export type WorkingHours = AlertRules['off_hours'];

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The fields of working hours: days, from, to, time zone, holidays. */
export function WorkingHoursFields({
  hours,
  onChange,
  disabled = false,
  about = () => undefined,
}: {
  readonly hours: WorkingHours;
  readonly onChange: (changed: Partial<WorkingHours>) => void;
  readonly disabled?: boolean;
  /** What is wrong with a field. */
  readonly about?: (field: keyof WorkingHours) => ReturnType<ApiError['about']>;
}) {
  const zones = useMemo(
    () => [...new Set(['UTC', hours.timeZone, ...Intl.supportedValuesOf('timeZone')])],
    [hours.timeZone],
  );
  return (
    <div className="stack">
      <Chip.Group
        multiple
        value={hours.days.map(String)}
        onChange={(days) => onChange({ days: days.map(Number).sort() })}
      >
        <fieldset className={styles.days}>
          <legend className="visually-hidden">Working days</legend>
          {WEEKDAYS.map((day, at) => (
            <Chip
              key={day}
              value={String(at + 1)}
              size="xs"
              radius="sm"
              variant="outline"
              disabled={disabled}
            >
              {day}
            </Chip>
          ))}
        </fieldset>
      </Chip.Group>
      <div className="row wrap" style={{ alignItems: 'start' }}>
        <TextInput
          label="From"
          type="time"
          w={132}
          value={hours.from}
          disabled={disabled}
          error={about('from')}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="time"
          w={132}
          value={hours.to}
          disabled={disabled}
          error={about('to')}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
        <Select
          className="grow"
          miw={180}
          label="Time zone"
          searchable
          data={zones}
          limit={50}
          value={hours.timeZone}
          allowDeselect={false}
          disabled={disabled}
          error={about('timeZone')}
          onChange={(timeZone) => timeZone !== null && onChange({ timeZone })}
        />
      </div>
      <TagsInput
        label="Holidays"
        description="Days on which no one works, such as 2026-12-25."
        value={[...hours.holidays]}
        maxTags={200}
        disabled={disabled}
        error={about('holidays')}
        onChange={(holidays) => onChange({ holidays })}
      />
    </div>
  );
}
