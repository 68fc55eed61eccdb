import { Button, Select } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { ScimConnection, ScimRequestWithBodies } from '../../../api/schema.d.ts';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { ROLES, type RoleName } from '../../../components/role.tsx';
import { useConnectionChange } from '../use-provisioning.ts';
import { unknownRoles } from './unknown-roles.ts';

/** A role that the directory sent and that is unknown here: gives it a meaning, and repeats the request. */
export function MapRole({
  connection,
  request,
}: {
  readonly connection: ScimConnection;
  readonly request: ScimRequestWithBodies;
}) {
  const [role, setRole] = useState<RoleName>('readonly');
  const aliases = connection.roleAliases as Readonly<Record<string, RoleName>>;
  const known = new Set([...ROLES, ...Object.keys(aliases)].map((name) => name.toLowerCase()));
  const [name] =
    connection.roleSource === 'scim_roles' && request.error?.code === 'invalid_role'
      ? unknownRoles(request.request.body, known)
      : [];
  const map = useConnectionChange(async (sent: string) => {
    await dataOf(
      api.PATCH('/scim/connections/{id}', {
        params: { path: { id: connection.id } },
        body: { roleAliases: { ...aliases, [sent]: role } },
      }),
    );
    return dataOf(
      api.POST('/scim/connections/{id}/requests/{requestId}/replay', {
        params: { path: { id: connection.id, requestId: request.id } },
      }),
    );
  });
  if (map.data !== undefined) {
    return (
      <Note tone={map.data.status < 400 ? 'success' : 'danger'} role="status">
        {map.data.status < 400
          ? `The mapping was saved, and the request succeeded (${map.data.status}).`
          : `The mapping was saved. The request failed again: ${map.data.detail ?? map.data.status}`}
      </Note>
    );
  }
  if (name === undefined) return null;
  return (
    <section className="stack" style={{ gap: 8 }} aria-label="Map the role here">
      <h3>Map it here</h3>
      {map.error !== null && <Failure error={map.error} />}
      <div className="row wrap">
        <code>
          <bdi>{name}</bdi>
        </code>
        <IconArrowRight className="arrow" size={14} stroke={1.5} aria-label="means" />
        <Select
          w={130}
          aria-label={`What ${name} means here`}
          data={[...ROLES]}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole((value ?? 'readonly') as RoleName)}
        />
        <Button variant="filled" loading={map.isPending} onClick={() => map.mutate(name)}>
          Save the mapping and replay
        </Button>
      </div>
    </section>
  );
}
