const KEY = 'users-hidden-columns';

/** The columns of the list of users that can be left away. */
export const HIDEABLE = [
  ['role', 'Role'],
  ['groups', 'Groups'],
  ['source', 'Source'],
  ['lastLogin', 'Last login'],
  ['status', 'Status'],
] as const;

export function readHidden(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((key) => HIDEABLE.some(([name]) => name === key)) : [];
  } catch {
    return [];
  }
}

export const writeHidden = (keys: readonly string[]): void => localStorage.setItem(KEY, JSON.stringify(keys));
