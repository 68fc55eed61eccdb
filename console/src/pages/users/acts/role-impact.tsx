import type { UserRoleImpactResponse } from '../../../api/schema.d.ts';
import { Note } from '../../../components/note.tsx';
import { usePermissionMeanings } from './use-meanings.ts';

/** R74: what another role would change, before it is saved. */
export function RoleImpact({
  impact,
  name,
}: {
  readonly impact: UserRoleImpactResponse;
  readonly name: string;
}) {
  const meaning = usePermissionMeanings();
  const unchanged = impact.effectiveFrom === impact.effectiveTo;
  return (
    <Note tone={impact.lost.length > 0 ? 'warning' : 'info'} role="status">
      {unchanged ? (
        <p>
          Nothing changes for {name} now:{' '}
          {impact.groupRoles.map((group) => `the group “${group.name}” gives ${group.role}`).join(', ')}.
        </p>
      ) : (
        <p>
          <b>{impact.effectiveFrom}</b> becomes <b>{impact.effectiveTo}</b>.
        </p>
      )}
      <Changes label="Gains" changes={impact.gained} meaning={meaning} />
      <Changes label="Loses" changes={impact.lost} meaning={meaning} />
      {impact.ownedAgentsAffected > 0 && (
        <p>
          {impact.ownedAgentsAffected}{' '}
          {impact.ownedAgentsAffected === 1 ? 'agent that they own' : 'agents that they own'} can no longer be
          edited by them.
        </p>
      )}
    </Note>
  );
}

function Changes({
  label,
  changes,
  meaning,
}: {
  readonly label: string;
  readonly changes: UserRoleImpactResponse['gained'];
  readonly meaning: (permission: string) => string;
}) {
  if (changes.length === 0) return null;
  return (
    <p className="small">
      <b>{label}:</b> {changes.map(({ permission }) => meaning(permission)).join(' · ')}
    </p>
  );
}
