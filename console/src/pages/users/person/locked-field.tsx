import { IconLock } from '@tabler/icons-react';

/** What makes a text field one that cannot be changed here, and says why. */
export function lockedField(because: string) {
  return {
    readOnly: true,
    'data-locked': true,
    rightSection: (
      <span role="img" aria-label={`Locked: ${because}`} title={because} style={{ display: 'flex' }}>
        <IconLock size={14} stroke={1.5} aria-hidden />
      </span>
    ),
  };
}
