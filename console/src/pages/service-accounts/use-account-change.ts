import { useMutation, useQueryClient } from '@tanstack/react-query';

/** A change of service accounts or their keys: what is shown of them is asked for again. */
export function useAccountChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(
        [['service-accounts'], ['api-keys']].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}
