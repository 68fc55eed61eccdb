import { useChange } from '../../api/use-change.ts';

/** A change with the link: what it shows is asked for again. */
export function useLinkChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['set-up-link']]);
}
