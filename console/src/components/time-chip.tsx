import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PopoverChip } from './popover-chip.tsx';
import { dateTime } from './time.tsx';

const HOUR = 3_600_000;
type Span = readonly [from: string, to: string | undefined];
const lastHours = (hours: number) => (): Span => [
  new Date(Date.now() - hours * HOUR).toISOString(),
  undefined,
];
/** The calendar month before this one, in the time zone of the reader. */
const lastMonth = (): Span => {
  const now = new Date();
  const first = (month: number) => new Date(now.getFullYear(), month, 1).toISOString();
  return [first(now.getMonth() - 1), first(now.getMonth())];
};
const PRESETS: readonly (readonly [label: string, span: () => Span])[] = [
  ['The last hour', lastHours(1)],
  ['The last 24 hours', lastHours(24)],
  ['The last 7 days', lastHours(168)],
  ['The last 30 days', lastHours(720)],
  ['Last month', lastMonth],
];

/** @returns what a field for a local time shows for an instant */
export const localInput = (at: string | undefined): string => {
  if (at === undefined || Number.isNaN(Date.parse(at))) return '';
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** @returns the instant that a field for a local time means */
export const instantOf = (local: string): string | undefined =>
  local === '' ? undefined : new Date(local).toISOString();

/** @returns the later one: fields show no seconds, so that a moment that was not changed may come out too early */
export const notBefore = (since: string | undefined, at: string | undefined): string | undefined =>
  since !== undefined && at !== undefined && at < since ? since : at;

/** @returns `since 24 Nov 2026, 09:12`, `until …`, `24 Nov … to 25 Nov …` */
export function spanInWords(from: string | undefined, to: string | undefined): string | undefined {
  const readable = (at: string | undefined) =>
    at === undefined ? undefined : Number.isNaN(Date.parse(at)) ? at : dateTime(at);
  const [begin, end] = [readable(from), readable(to)];
  if (begin !== undefined && end !== undefined) return `${begin} to ${end}`;
  if (begin !== undefined) return `since ${begin}`;
  return end === undefined ? undefined : `until ${end}`;
}

/** The time that a list is narrowed to. */
export function TimeChip({
  from,
  to,
  onChange,
}: {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly onChange: (from: string | undefined, to: string | undefined) => void;
}) {
  return (
    <PopoverChip label="When" value={spanInWords(from, to)} onRemove={() => onChange(undefined, undefined)}>
      {(close) => <SpanForm from={from} to={to} onChange={onChange} close={close} />}
    </PopoverChip>
  );
}

function SpanForm({
  from,
  to,
  onChange,
  close,
}: Parameters<typeof TimeChip>[0] & { readonly close: () => void }) {
  const [begin, setBegin] = useState(localInput(from));
  const [end, setEnd] = useState(localInput(to));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(instantOf(begin), instantOf(end));
        close();
      }}
    >
      <div className="row wrap">
        {PRESETS.map(([label, span]) => (
          <Button
            key={label}
            size="xs"
            onClick={() => {
              onChange(...span());
              close();
            }}
          >
            {label}
          </Button>
        ))}
      </div>
      <TextInput
        type="datetime-local"
        label="From"
        value={begin}
        onChange={(event) => setBegin(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="Until"
        description={`Time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" size="xs" variant="filled">
          Show this time
        </Button>
      </div>
    </form>
  );
}
