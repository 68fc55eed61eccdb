import { Menu } from '@mantine/core';

/** Why items of a menu are locked, each reason once. */
export function LockReasons({ locks }: { readonly locks: readonly (string | undefined)[] }) {
  return [...new Set(locks)].map(
    (reason) => reason !== undefined && <Menu.Label key={reason}>{reason}</Menu.Label>,
  );
}
