import { useMutation, useQueryClient } from '@tanstack/react-query';

/**
 * A change of something that is shown. What it may have changed is asked for again, but not waited for: what follows the
 * change is said before the row, dialog or page that asked for it can be gone.
 * @param renewed what the keys of the queries that are asked again begin with
 * @param onSuccess what follows in any case; what is given to `mutate` is lost if its component is gone
 */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  renewed: readonly (readonly string[])[],
  onSuccess?: (output: Output, input: Input) => void | Promise<void>,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    ...(onSuccess === undefined ? {} : { onSuccess }),
    onSettled: () => {
      for (const queryKey of renewed) void queries.invalidateQueries({ queryKey });
    },
  });
}
