import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Search } from './router.tsx';

/** What the address says beside the path, and how to change it: filters, tab and open row live there. */
export function usePageSearch(): readonly [
  Search,
  (changed: Search, options?: { readonly replace?: boolean }) => void,
] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (changed: Search, { replace = true } = {}) => {
    void navigate({ to: '.', search: ((now: Search) => ({ ...now, ...changed })) as never, replace });
  };
  return [search, change];
}
