import { UnstyledButton } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMe } from '../api/me.ts';
import styles from './bottom-bar.module.css';
import { placesInBar } from './navigation.ts';
import { PlaceCount } from './place-count.tsx';

/** On a phone: the places that are used most, and the menu with all of them. */
export function BottomBar({ menuOpen, onMenu }: { readonly menuOpen: boolean; readonly onMenu: () => void }) {
  const me = useMe();
  return (
    <nav className={styles.bar} aria-label="Most used" data-bottom-bar>
      {placesInBar(me).map(({ to, label, shortLabel = label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={styles.place}
          activeOptions={{ exact: to === '/', includeSearch: false }}
        >
          <Icon size={20} stroke={1.5} aria-hidden />
          <span className={styles.label}>
            <span className="ellipsis">{shortLabel}</span> <PlaceCount place={to} />
          </span>
        </Link>
      ))}
      <UnstyledButton
        className={styles.place}
        aria-haspopup="dialog"
        aria-expanded={menuOpen}
        onClick={onMenu}
      >
        <IconMenu2 size={20} stroke={1.5} aria-hidden />
        <span className={styles.label}>More</span>
      </UnstyledButton>
    </nav>
  );
}
