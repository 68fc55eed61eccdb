import { Button, Modal } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { useKeys } from '../app/keys.ts';
import styles from './dialog.module.css';
import { Failure } from './failure.tsx';

const FIELDS =
  'input:not([type="hidden"], :disabled), textarea:not(:disabled), [role="radio"]:not(:disabled)';

/** Marks what takes the focus when a dialog opens, unless something in it is marked: its first field, else its act. */
function markFirst(form: HTMLFormElement | null): void {
  if (form === null || form.querySelector('[data-autofocus]') !== null) return;
  const first = form.querySelector(FIELDS) ?? form.querySelector('button[type="submit"]');
  first?.setAttribute('data-autofocus', 'true');
}

/** Gives the focus back to what opened the dialog, or to the page where that is gone. */
function useFocusReturn(): void {
  const opener = useRef(document.activeElement);
  useEffect(() => {
    const before = opener.current;
    return () => {
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        const target =
          before?.isConnected && before !== document.body ? before : document.getElementById('main');
        if (target instanceof HTMLElement) target.focus({ preventScroll: true });
      });
    };
  }, []);
}

/** A question with its consequence, a form where one is needed, and the act that answers it. */
export function Dialog({
  title,
  consequence,
  act,
  acting = false,
  disabled = false,
  danger = false,
  aside,
  error,
  size,
  onClose,
  onAct,
  cancels = true,
  children,
}: {
  readonly title: ReactNode;
  readonly consequence?: ReactNode;
  /** A verb with its object and number: `Deactivate Olena`. */
  readonly act: string;
  readonly acting?: boolean;
  readonly disabled?: boolean;
  /** Begins with the focus on Cancel. */
  readonly danger?: boolean;
  readonly aside?: ReactNode;
  readonly error?: unknown;
  readonly size?: number;
  readonly onClose: () => void;
  readonly onAct: () => void;
  /** False where nothing is left to cancel. */
  readonly cancels?: boolean;
  readonly children?: ReactNode;
}) {
  const formId = useId();
  useFocusReturn();
  useKeys({}, 'dialog');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!acting && !disabled) onAct();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      {...(size === undefined ? {} : { size })}
      closeOnClickOutside={false}
    >
      <form
        id={formId}
        ref={markFirst}
        onSubmit={submit}
        noValidate
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      >
        <div className={styles.body}>
          {consequence !== undefined && <p className={styles.consequence}>{consequence}</p>}
          {error !== undefined && error !== null && <Failure error={error} />}
          {children}
        </div>
        <div className={styles.footer}>
          <div className={`grow small muted ${styles.aside}`}>{aside}</div>
          {cancels && (
            <Button onClick={onClose} data-autofocus={danger ? true : undefined}>
              Cancel
            </Button>
          )}
          <Button
            type="submit"
            loading={acting}
            disabled={disabled}
            {...(danger ? { 'data-danger': 'fill', variant: 'default' } : { variant: 'filled' })}
          >
            {act}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
