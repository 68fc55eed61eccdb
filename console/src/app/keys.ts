import { useEffect, useRef } from 'react';
import { readPreferences } from './preferences.ts';

/** Single keys and what they do: `j`, `/`, `?`; two in a row with a space between: `g u`. */
export type KeyActions = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MS = 1_000;
let started: { readonly key: string; readonly at: number } | undefined;

const ABOVE_THE_PAGE = '[role="dialog"][aria-modal="true"], [role="menu"], [role="listbox"]';

/** Typing is never a command; neither is anything while a dialog is open, unless the dialog asks for it. */
function isElsewhere(target: EventTarget | null, within: 'page' | 'dialog'): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select')) return true;
  // The options of a closed field stay in the page, hidden.
  const inDialog = [...document.querySelectorAll(ABOVE_THE_PAGE)].some((element) =>
    element.checkVisibility(),
  );
  return inDialog !== (within === 'dialog');
}

/** What Enter presses by itself where it has the focus. */
const PRESSED_BY_ENTER = 'a, button, summary, [role="button"], input[type="checkbox"]';

const isPressed = ({ key, target }: KeyboardEvent): boolean =>
  key === 'Enter' && target instanceof HTMLElement && target.closest(PRESSED_BY_ENTER) !== null;

/** Lets single keys act while the component is shown, unless the reader has switched them off. */
export function useKeys(actions: KeyActions, within: 'page' | 'dialog' = 'page'): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!readPreferences().keys && event.key !== 'Escape') return;
      if (isElsewhere(event.target, within) || isPressed(event)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const sequence =
        started !== undefined && event.timeStamp - started.at < SEQUENCE_MS
          ? `${started.key} ${key}`
          : undefined;
      const action = (sequence && latest.current[sequence]) || latest.current[key];
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [within]);
}

/** Remembers the first key of a sequence such as `g u`. */
export function useKeySequences(prefix: string): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      started = event.key === prefix ? { key: prefix, at: event.timeStamp } : started;
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [prefix]);
}
