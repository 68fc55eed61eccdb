import { useChange } from '../../api/use-change.ts';

/** A change of service accounts or their keys: what is shown of them is asked for again. */
export function useAccountChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['service-accounts'], ['api-keys']]);
}
