import { Drawer, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHelp, IconLogout, IconSearch, IconUserCircle } from '@tabler/icons-react';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useMe } from '../api/me.ts';
import { Logo } from '../components/logo.tsx';
import { Mark } from '../components/mark.tsx';
import { Avatar, nameOf } from '../components/person.tsx';
import { TIERS } from '../components/role.tsx';
import { undoNewest } from '../components/toast.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { DemonstrationBand } from './demonstration-band.tsx';
import { ExpiredSession } from './expired-session.tsx';
import { useKeySequences, useKeys } from './keys.ts';
import { LoadingSign } from './loading-sign.tsx';
import { PLACES } from './navigation.ts';
import { OpenPalette } from './palette-button.tsx';
import { PlaceCount } from './place-count.tsx';
import styles from './shell.module.css';
import { signOut } from './sign-out.ts';
import { usePageFocus } from './use-page-focus.ts';

const loadPalette = () => import('./palette.tsx');
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));
const PALETTE_AFTER_MS = 1_500;
const KeysOverlay = lazy(async () => ({ default: (await import('./keys-overlay.tsx')).KeysOverlay }));

/** The frame of every page: the menu, the command palette, the keys that work everywhere. */
export function Shell() {
  const navigate = useNavigate();
  const [menuOpen, menu] = useDisclosure(false);
  const [keysOpen, keys] = useDisclosure(false);
  const [paletteOpen, palette] = useDisclosure(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      palette.toggle();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [palette.toggle]);
  // Before it is asked for, so that no letter typed right after its key is lost.
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette(), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  usePageFocus();
  useKeySequences('g');
  useKeys({
    '?': keys.open,
    z: undoNewest,
    'g h': () => navigate({ to: '/' }),
    'g u': () => navigate({ to: '/users' }),
    'g g': () => navigate({ to: '/groups' as never }),
    'g a': () => navigate({ to: '/alerts' as never }),
    'g r': () => navigate({ to: '/reviews' as never }),
  });
  return (
    <div className={styles.app}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <DemonstrationBand />
      <nav className={styles.nav} aria-label="Main">
        <Navigation onKeys={keys.open} onSearch={palette.open} />
      </nav>
      <Drawer
        opened={menuOpen}
        onClose={menu.close}
        title="Menu"
        size={280}
        classNames={{ body: styles.drawer }}
      >
        <Navigation onNavigate={menu.close} onKeys={keys.open} onSearch={palette.open} />
      </Drawer>
      <main id="main" className={styles.main} tabIndex={-1}>
        <LoadingSign />
        <OpenPalette value={palette.open}>
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </OpenPalette>
      </main>
      <BottomBar menuOpen={menuOpen} onMenu={menu.open} />
      <Suspense fallback={null}>
        {paletteOpen && <Palette onClose={palette.close} />}
        {keysOpen && <KeysOverlay opened onClose={keys.close} />}
      </Suspense>
      <ExpiredSession />
    </div>
  );
}

function Navigation({
  onNavigate,
  onKeys,
  onSearch,
}: {
  readonly onNavigate?: () => void;
  readonly onKeys: () => void;
  readonly onSearch: () => void;
}) {
  const me = useMe();
  const shown = PLACES.filter((place) => place.shownTo(me));
  let section: string | undefined;
  return (
    <>
      <div className={styles.organization}>
        {me.organization.logo === null ? (
          <Mark className={styles.mark} />
        ) : (
          <Logo src={me.organization.logo} />
        )}
        <b className="ellipsis grow" dir="auto" title={me.organization.name}>
          {me.organization.name}
        </b>
      </div>
      <UnstyledButton className={styles.find} onClick={onSearch}>
        <IconSearch size={14} stroke={1.5} aria-hidden />
        <span className="grow">Search or run…</span>
        <kbd>Ctrl K</kbd>
      </UnstyledButton>
      <div className={styles.places}>
        {shown.map((place) => {
          const heading = place.section !== section ? place.section : undefined;
          section = place.section;
          const Icon = place.icon;
          return (
            <div key={place.to} data-last={place.to === '/settings'} className={styles.placeRow}>
              {heading !== undefined && <div className={styles.section}>{heading}</div>}
              <Link
                to={place.to}
                className={styles.place}
                activeOptions={{ exact: place.to === '/', includeSearch: false }}
                onClick={() => onNavigate?.()}
              >
                <Icon size={16} stroke={1.5} aria-hidden />
                <span className="grow">{place.label}</span>
                <PlaceCount place={place.to} />
              </Link>
            </div>
          );
        })}
      </div>
      <Account onKeys={onKeys} />
    </>
  );
}

function Account({ onKeys }: { readonly onKeys: () => void }) {
  const { user, demonstrationOf } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={styles.account}>
      <Menu position="top-start" width={220}>
        <Menu.Target>
          <UnstyledButton className={styles.accountButton}>
            <Avatar name={nameOf(user)} />
            <span className="visually-hidden">Your account: </span>
            <span className="grow">
              <b className={`ellipsis ${styles.accountName}`} dir="auto">
                {nameOf(user)}
              </b>
              <span className={styles.accountRole}>
                {user.owner ? 'Owner' : TIERS[user.effectiveRole]} ·{' '}
                {Intl.DateTimeFormat().resolvedOptions().timeZone}
              </span>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} stroke={1.5} />}>
            Your account
          </Menu.Item>
          <Menu.Item component={Link} to="/help" leftSection={<IconHelp size={16} stroke={1.5} />}>
            Help
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Appearance</Menu.Label>
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <Menu.Item
              key={scheme}
              role="menuitemradio"
              aria-checked={colorScheme === scheme}
              onClick={() => setColorScheme(scheme)}
              rightSection={colorScheme === scheme ? '✓' : undefined}
            >
              {{ auto: 'Same as the system', light: 'Light', dark: 'Dark' }[scheme]}
            </Menu.Item>
          ))}
          {demonstrationOf === null && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconLogout size={16} stroke={1.5} />} onClick={signOut}>
                Sign out
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <UnstyledButton onClick={onKeys} aria-label="Show all keys" className={styles.keysButton}>
        <kbd>?</kbd>
      </UnstyledButton>
    </div>
  );
}
