import { useState } from 'react';
import type { Search } from '../../app/router.tsx';
import { STANDARD_VIEWS } from './filters.ts';

interface View {
  readonly name: string;
  readonly search: Search;
}

const KEY = 'users-views';
/** What a view is not about: what is open now. */
const PASSING = new Set(['open', 'invite']);

function readViews(): readonly View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? (stored as View[]) : [];
  } catch {
    return [];
  }
}

const lasting = (search: Search): Search =>
  Object.fromEntries(
    Object.entries(search).filter(([key, value]) => !PASSING.has(key) && value !== undefined),
  );

const same = (left: Search, right: Search): boolean =>
  JSON.stringify(Object.entries(lasting(left)).sort()) ===
  JSON.stringify(Object.entries(lasting(right)).sort());

/** The views that this browser keeps, and which of all views the address is. */
export function useUserViews(search: Search) {
  const [views, setViews] = useState(readViews);
  const store = (changed: readonly View[]) => {
    localStorage.setItem(KEY, JSON.stringify(changed));
    setViews(changed);
  };
  return {
    views,
    currentName: [...STANDARD_VIEWS, ...views].find((view) => same(view.search, search))?.name,
    save: (name: string) =>
      store([...views.filter((view) => view.name !== name), { name, search: lasting(search) }]),
    remove: (name: string) => store(views.filter((view) => view.name !== name)),
  };
}
