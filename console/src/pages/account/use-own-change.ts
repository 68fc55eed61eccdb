import { useChange } from '../../api/use-change.ts';

/** A change of one's own account: what is known of oneself is asked for again. */
export function useOwnChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['me']]);
}
