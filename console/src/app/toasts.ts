/** Keeps the height of the shown toasts in `--toast-height`, for what must end above them. Takes a ref of each position. */
export function measureToasts(root: HTMLElement | null): (() => void) | undefined {
  if (root?.dataset['position'] !== 'bottom-left') return undefined;
  const observer = new ResizeObserver(() =>
    document.documentElement.style.setProperty('--toast-height', `${root.offsetHeight}px`),
  );
  observer.observe(root);
  return () => observer.disconnect();
}
