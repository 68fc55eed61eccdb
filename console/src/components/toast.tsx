import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { Toast } from './toast-body.tsx';

const SHOWN_MS = 8_000;
/** As many as `Notifications` shows. */
export const MOST_SHOWN = 3;
/** The ids of those that are there, the oldest first. */
const open = new Set<string>();
let newestUndo: { readonly id: string; readonly run: () => void } | undefined;

/** Says what was done, in the past tense; for eight seconds `Undo`, or Z, takes it back. */
export function toast(said: ReactNode, undo?: () => void): void {
  const id = crypto.randomUUID();
  const run = () => {
    notifications.hide(id);
    newestUndo = undefined;
    undo?.();
  };
  if (undo !== undefined) newestUndo = { id, run };
  // More than are shown at once would wait: the newest is said at once, the oldest goes.
  for (const old of [...open].slice(0, -(MOST_SHOWN - 1))) notifications.hide(old);
  open.add(id);
  notifications.show({
    id,
    autoClose: SHOWN_MS,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    message: <Toast undo={undo === undefined ? undefined : run}>{said}</Toast>,
    onClose: () => {
      open.delete(id);
      if (newestUndo?.id === id) newestUndo = undefined;
    },
  });
}

/** Takes back what the newest toast offers to. @returns whether there was something */
export function undoNewest(): boolean {
  const found = newestUndo;
  found?.run();
  return found !== undefined;
}
