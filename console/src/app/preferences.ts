/** What this browser keeps for its reader. */
interface Preferences {
  /** Single keys act on lists. */
  readonly keys: boolean;
  readonly motion: boolean;
}

const KEY = 'preferences';
const DEFAULTS: Preferences = { keys: true, motion: true };

export function readPreferences(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function writePreferences(changed: Partial<Preferences>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...changed }));
  applyPreferences();
}

export function applyPreferences(): void {
  document.documentElement.dataset['motion'] = readPreferences().motion ? 'on' : 'off';
}
