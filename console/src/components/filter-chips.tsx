import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './filter-chips.module.css';

export interface FilterField {
  /** As the address calls it. */
  readonly key: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** One value at a time: another replaces it. */
  readonly one?: boolean;
}

/**
 * The filters of an address as parameters of the API, which refuses a wrong value in a sentence.
 * @param others names of further parameters of the address that filter the list
 */
export function filtersIn(
  search: Readonly<Record<string, string | undefined>>,
  fields: readonly FilterField[],
  ...others: readonly string[]
): Readonly<Record<string, never>> {
  const takesOne = new Set([...others, ...fields.filter(({ one }) => one).map(({ key }) => key)]);
  const given = [...others, ...fields.map(({ key }) => key)].flatMap((key) => {
    const value = search[key];
    return value ? [[key, takesOne.has(key) ? value : value.split(',')] as const] : [];
  });
  return Object.fromEntries(given) as Readonly<Record<string, never>>;
}

/** The filters of a list: field, value, remove; the dashed chip adds one. Several values of a field: any of them. */
export function FilterChips({
  fields,
  values,
  onChange,
  children,
}: {
  readonly fields: readonly FilterField[];
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly onChange: (key: string, value: string | undefined) => void;
  /** Further chips of the page's own. */
  readonly children?: ReactNode;
}) {
  const set = fields.filter(({ key }) => values[key] !== undefined && values[key] !== '');
  return (
    <>
      {set.map((field) => {
        const chosen = (values[field.key] as string).split(',');
        const words = chosen.map(
          (value) => field.options.find((option) => option.value === value)?.label ?? value,
        );
        return (
          <span key={field.key} className={styles.chip}>
            <span className={styles.field}>{field.label}</span>
            <Menu position="bottom-start" closeOnItemClick={false}>
              <Menu.Target>
                <button type="button" className={styles.value}>
                  {words.join(' or ')}
                </button>
              </Menu.Target>
              <Options field={field} chosen={chosen} onChange={onChange} />
            </Menu>
            <ActionIcon
              size={24}
              aria-label={`Remove the filter by ${field.label.toLowerCase()}`}
              onClick={() => onChange(field.key, undefined)}
            >
              <IconX size={14} stroke={1.5} />
            </ActionIcon>
          </span>
        );
      })}
      {children}
      {fields.length > set.length && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button
              size="xs"
              className={styles.add ?? ''}
              leftSection={<IconFilter size={14} stroke={1.5} aria-hidden />}
            >
              Filter
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah="min(72vh, 640px)" style={{ overflowY: 'auto' }}>
            {fields
              .filter((field) => !set.includes(field))
              .map((field) => (
                <div key={field.key}>
                  <Menu.Label>{field.label}</Menu.Label>
                  {field.options.map((option) => (
                    <Menu.Item key={option.value} onClick={() => onChange(field.key, option.value)}>
                      {option.label}
                    </Menu.Item>
                  ))}
                </div>
              ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

function Options({
  field,
  chosen,
  onChange,
}: {
  readonly field: FilterField;
  readonly chosen: readonly string[];
  readonly onChange: (key: string, value: string | undefined) => void;
}) {
  return (
    <Menu.Dropdown>
      {field.options.map(({ value, label }) => {
        const on = chosen.includes(value);
        const others = field.one === true ? [] : chosen.filter((other) => other !== value);
        const next = on ? others : [...others, value];
        return (
          <Menu.Item
            key={value}
            role="menuitemcheckbox"
            aria-checked={on}
            rightSection={on ? '✓' : undefined}
            onClick={() => onChange(field.key, next.length === 0 ? undefined : next.join(','))}
          >
            {label}
          </Menu.Item>
        );
      })}
    </Menu.Dropdown>
  );
}
