import { ActionIcon } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { createContext, useContext } from 'react';
import styles from './palette-button.module.css';

/** Opens the command palette; undefined on pages without one. */
export const OpenPalette = createContext<(() => void) | undefined>(undefined);

/** The way to the command palette in the header of a page, where the menu is out of sight. */
export function PaletteButton() {
  const open = useContext(OpenPalette);
  if (open === undefined) return null;
  return (
    <ActionIcon className={styles.button ?? ''} aria-label="Search or run a command" onClick={open} size={44}>
      <IconSearch size={20} stroke={1.5} />
    </ActionIcon>
  );
}
