import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import type { Undo, UndoCreateRequest } from '../../../api/schema.d.ts';

/** Makes the preview of an undo: nothing is changed by it. */
export function usePreview() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: UndoCreateRequest) => (await dataOf(api.POST('/undos', { body }))) as Undo,
    onSuccess: (undo) => queries.setQueryData(['undos', undo.id], undo),
  });
}
