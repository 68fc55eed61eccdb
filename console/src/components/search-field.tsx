import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type RefObject, useEffect, useState } from 'react';

/** A search that asks a moment after the last letter; `/` leads to it. */
export function SearchField({
  field,
  label,
  placeholder,
  width = 190,
  text,
  onChange,
  onEnter,
}: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly placeholder: string;
  readonly width?: number;
  readonly text: string | undefined;
  readonly onChange: (text: string | undefined) => void;
  /** Hears what was typed when Enter is pressed; what waited to be asked is asked before. */
  readonly onEnter?: (text: string) => void;
}) {
  const [typed, setTyped] = useState(text ?? '');
  const ask = useDebouncedCallback((value: string) => onChange(value.trim() || undefined), 200);
  useEffect(() => {
    if ((text ?? '') !== typed.trim() && document.activeElement !== field.current) setTyped(text ?? '');
  }, [text, typed, field]);
  return (
    <TextInput
      ref={field}
      w={width}
      className="search-field"
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />}
      rightSection={typed === '' ? <kbd>/</kbd> : undefined}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
        if (event.key !== 'Enter' || onEnter === undefined) return;
        ask.flush();
        onEnter(typed.trim());
      }}
    />
  );
}
