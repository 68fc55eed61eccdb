import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { RoleSourcePreview, ScimConnection } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Note } from '../../components/note.tsx';
import { RoleReport } from '../../components/role-report.tsx';
import { counted } from '../../components/words.ts';
import { useSettings } from './use-settings.ts';

type RoleSource = ScimConnection['roleSource'];

/** Changes who sets the roles of a connection's users: whose role that would change is shown before the button. */
export function RoleSourceDialog({
  connection,
  to,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly to: { readonly value: RoleSource; readonly label: string; readonly means: string };
  readonly onClose: () => void;
}) {
  const { change, save } = useSettings(connection);
  const preview = useQuery({
    queryKey: ['provisioning', 'connections', connection.id, 'role-source', to.value],
    queryFn: async () =>
      (await dataOf(
        api.POST('/scim/connections/{id}/role-source/dry-run', {
          params: { path: { id: connection.id } },
          body: { roleSource: to.value },
        }),
      )) as RoleSourcePreview,
  });
  return (
    <Dialog
      title={`${connection.name}: role source ${to.label}?`}
      consequence={to.means}
      act="Change the role source"
      acting={change.isPending}
      disabled={preview.data === undefined}
      error={change.error ?? preview.error}
      onClose={onClose}
      onAct={() =>
        save(
          { roleSource: to.value },
          { roleSource: connection.roleSource },
          'The role source was changed.',
          onClose,
        )
      }
    >
      {preview.data !== undefined && <Effects preview={preview.data} />}
    </Dialog>
  );
}

function Effects({ preview }: { readonly preview: RoleSourcePreview }) {
  const { sentence, people, roles, withoutRoles, refused, users, isAtLeast } = preview;
  const lines = [
    withoutRoles > 0 &&
      `The directory has sent no role for ${counted(withoutRoles, 'person', 'people')}: a full update (PUT) without one makes them readonly.`,
    refused > 0 &&
      `The roles of ${counted(refused, 'person', 'people')} would be refused: they mean no role here, or one above what you may assign.`,
    isAtLeast && `Checked: the first ${users.toLocaleString('en-GB')} people.`,
  ].filter((line) => line !== false);
  return (
    <Note tone={roles.lost > 0 ? 'warning' : 'info'}>
      <p>{sentence}</p>
      {lines.map((line) => (
        <p key={line} className="small">
          {line}
        </p>
      ))}
      <RoleReport people={people} />
    </Note>
  );
}
