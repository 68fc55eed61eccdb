import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './copy.module.css';

const COPIED_MS = 2_000;

/** Copies a text; for two seconds it says so. */
export function CopyButton({
  value,
  what,
  children,
}: {
  readonly value: string;
  /** What is copied, for those who do not see where the button stands: `Tenant URL`. */
  readonly what: string;
  /** The words of a whole button; without them it is an icon. */
  readonly children?: ReactNode;
}) {
  const { copied, copy, error } = useClipboard({ timeout: COPIED_MS });
  const said =
    error !== null
      ? 'This browser blocks copying: select the text instead'
      : copied
        ? 'Copied'
        : `Copy ${what}`;
  const Icon = copied ? IconCheck : IconCopy;
  const icon = <Icon size={16} stroke={1.5} aria-hidden />;
  return (
    <>
      {children === undefined ? (
        <Tooltip label={said}>
          <ActionIcon aria-label={`Copy ${what}`} onClick={() => copy(value)}>
            {icon}
          </ActionIcon>
        </Tooltip>
      ) : (
        <Button variant="filled" leftSection={icon} onClick={() => copy(value)}>
          {copied ? 'Copied' : children}
        </Button>
      )}
      <span aria-live="polite" className="visually-hidden">
        {copied ? `${what} was copied.` : error === null ? '' : said}
      </span>
    </>
  );
}

export interface NamedValue {
  /** The label of the field at the provider. */
  readonly label: string;
  readonly value: string;
}

/** Values to enter elsewhere, under the labels that stand there. */
export function CopyValues({
  label,
  values,
  inCard = false,
}: {
  readonly label: string;
  readonly values: readonly NamedValue[];
  /** Reaches the borders of a card. */
  readonly inCard?: boolean;
}) {
  return (
    <dl className={styles.values} aria-label={label} data-in-card={inCard || undefined}>
      {values.map((each) => (
        <div key={each.label}>
          <dt>{each.label}</dt>
          <dd>
            <code>{each.value}</code>
            <CopyButton value={each.value} what={each.label} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What is shown once, and how to take it along. */
export function Secret({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <div className={styles.secret}>
      <code>{value}</code>
      <CopyButton value={value} what={what}>
        Copy {what}
      </CopyButton>
    </div>
  );
}
