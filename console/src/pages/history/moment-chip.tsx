import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PopoverChip } from '../../components/popover-chip.tsx';
import { dateTime } from '../../components/time.tsx';
import { instantOf, localInput, notBefore } from '../../components/time-chip.tsx';

/** A point in time of the past; now, where it is not set. */
export function MomentChip({
  label,
  at,
  since,
  onChange,
}: {
  readonly label: string;
  readonly at: string | undefined;
  /** Since when history is complete: no moment is before. */
  readonly since: string | undefined;
  readonly onChange: (at: string | undefined) => void;
}) {
  const value = at === undefined ? 'now' : Number.isNaN(Date.parse(at)) ? at : dateTime(at);
  return (
    <PopoverChip label={label} value={value}>
      {(close) => (
        <Moment
          at={at}
          since={since}
          onChange={(next) => {
            onChange(next);
            close();
          }}
        />
      )}
    </PopoverChip>
  );
}

function Moment({ at, since, onChange }: Omit<Parameters<typeof MomentChip>[0], 'label'>) {
  const [typed, setTyped] = useState(localInput(at ?? new Date().toISOString()));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(notBefore(since, instantOf(typed)));
      }}
    >
      <TextInput
        type="datetime-local"
        label="Date and time"
        description={`Time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className="row">
        <Button type="submit" size="xs" variant="filled">
          Show this moment
        </Button>
        <Button size="xs" onClick={() => onChange(undefined)}>
          Now
        </Button>
      </div>
    </form>
  );
}
