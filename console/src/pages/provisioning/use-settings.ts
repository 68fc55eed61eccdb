import { api, dataOf } from '../../api/client.ts';
import type { ScimConnection, ScimConnectionUpdateRequest } from '../../api/schema.d.ts';
import { toast } from '../../components/toast.tsx';
import { useConnectionChange } from './use-provisioning.ts';

/** Sends a change of the settings, and takes it back where one wishes. */
export function useSettings(connection: ScimConnection) {
  const change = useConnectionChange((body: ScimConnectionUpdateRequest) =>
    dataOf(api.PATCH('/scim/connections/{id}', { params: { path: { id: connection.id } }, body })),
  );
  const save = (
    body: ScimConnectionUpdateRequest,
    before: ScimConnectionUpdateRequest,
    said: string,
    onDone?: () => void,
  ) =>
    change.mutate(body, {
      onSuccess: () => {
        toast(said, () => change.mutate(before));
        onDone?.();
      },
    });
  return { change, save };
}
