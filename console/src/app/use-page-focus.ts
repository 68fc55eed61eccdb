import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Where a page is opened without a link, as by a key, the focus begins in its content and not before the menu. */
export function usePageFocus(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    const isNew = before.current !== undefined && path !== before.current;
    before.current = path;
    if (isNew && document.activeElement === document.body) {
      document.getElementById('main')?.focus({ preventScroll: true });
    }
  }, [path]);
}
