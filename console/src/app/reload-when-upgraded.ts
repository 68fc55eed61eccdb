import { router } from './router.tsx';

const LOADED_ANEW = 'loaded-anew-at';
const ONCE_IN_MS = 30_000;

/**
 * After an upgrade of the server the modules of the version that this tab runs are gone. A page that needs one is loaded
 * anew, with the new version; if that does not help, its error is shown.
 */
export function reloadWhenUpgraded(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(LOADED_ANEW) ?? 0);
    if (Date.now() - last < ONCE_IN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(LOADED_ANEW, String(Date.now()));
    window.location.assign(router.latestLocation.href);
  });
}
