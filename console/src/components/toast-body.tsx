import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

export function Toast({
  children,
  undo,
}: {
  readonly children: ReactNode;
  readonly undo: (() => void) | undefined;
}) {
  return (
    <div className="row">
      <span className="grow" dir="auto">
        {children}
      </span>
      {undo !== undefined && (
        <Button size="xs" variant="subtle" onClick={undo}>
          Undo <kbd>Z</kbd>
        </Button>
      )}
    </div>
  );
}
