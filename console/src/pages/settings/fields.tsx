import { NumberInput, Switch } from '@mantine/core';

/** A number that is always set. An empty field is left to the server, which says what it takes. */
export function Count({
  label,
  description,
  value,
  onChange,
  error,
  min,
  max,
  suffix,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly error?: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly suffix?: string;
}) {
  return (
    <NumberInput
      label={label}
      {...(description === undefined ? {} : { description })}
      {...(suffix === undefined ? {} : { suffix })}
      w={220}
      maw="100%"
      value={value}
      min={min}
      max={max}
      allowDecimal={false}
      allowNegative={false}
      error={error}
      onChange={(next) => onChange(next === '' ? min : Number(next))}
    />
  );
}

/** Something that is on or off, with what it does. */
export function Choice({
  label,
  description,
  checked,
  onChange,
  disabled = false,
}: {
  readonly label: string;
  readonly description?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  return (
    <Switch
      label={label}
      {...(description === undefined ? {} : { description })}
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
