import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type MouseEventHandler, type ReactNode, useId } from 'react';

interface ActionButtonProps extends ButtonProps {
  /** Why the act is not possible now: the button keeps its place, shows a lock, and says so. */
  readonly lockedBecause?: string | undefined;
  /** `outline` opens a dialog, `fill` stands in it. */
  readonly danger?: 'outline' | 'fill';
  readonly onClick?: MouseEventHandler<HTMLButtonElement>;
  readonly type?: 'button' | 'submit';
  readonly form?: string;
  readonly children: ReactNode;
}

/** A button that explains why it does nothing instead of going away. */
export function ActionButton({ lockedBecause, danger, children, onClick, ...props }: ActionButtonProps) {
  const reasonId = useId();
  const dangerData = danger === undefined ? {} : { 'data-danger': danger };
  if (lockedBecause === undefined) {
    return (
      <Button {...props} {...dangerData} {...(onClick === undefined ? {} : { onClick })}>
        {children}
      </Button>
    );
  }
  return (
    <>
      <Tooltip label={lockedBecause}>
        <Button
          {...props}
          variant="default"
          data-disabled
          aria-disabled
          aria-describedby={reasonId}
          leftSection={<IconLock size={16} stroke={1.5} aria-hidden />}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
      <span id={reasonId} className="visually-hidden">
        {lockedBecause}
      </span>
    </>
  );
}
