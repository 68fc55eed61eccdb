import { useBlocker } from '@tanstack/react-router';
import { Dialog } from './dialog.tsx';

/** Asks before a page or a tab is left on which something was changed and not saved. It stands outside of the form. */
export function Unsaved({ changed }: { readonly changed: boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => changed,
    withResolver: true,
    enableBeforeUnload: false,
  });
  if (status !== 'blocked') return null;
  return (
    <Dialog
      title="Leave without saving?"
      consequence="Your changes here are not saved yet."
      act="Discard the changes"
      danger
      onClose={reset}
      onAct={proceed}
    />
  );
}
