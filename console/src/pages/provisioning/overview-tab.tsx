import { Button, Select, Switch, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { ScimConnection, ScimHealth } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Figures } from '../../components/figures.tsx';
import { Note } from '../../components/note.tsx';
import { nameOf } from '../../components/person.tsx';
import { Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import { AllowMassChange } from './allow-mass-change.tsx';
import { HourlyRequests } from './hourly-requests.tsx';
import styles from './provisioning.module.css';
import { RemoveConnection } from './remove-connection.tsx';
import { RoleAliases } from './role-aliases.tsx';
import { RoleSourceDialog } from './role-source-dialog.tsx';
import { conditionOf } from './use-provisioning.ts';
import { useSettings } from './use-settings.ts';

interface Props {
  readonly connection: ScimConnection;
  readonly health: ScimHealth | undefined;
}

/** How a connection is doing, and what it may do. */
export function OverviewTab({ connection, health }: Props) {
  return (
    <div className={styles.padded}>
      <div className="stack" style={{ gap: 20 }}>
        <Advice connection={connection} health={health} />
        {health !== undefined && (
          <Figures
            label="In 24 hours, and in all"
            facts={[
              { label: 'requests in 24 hours', value: shown(health.requests) },
              { label: 'of them changed something', value: shown(health.changed) },
              {
                label: 'failed',
                value: <span className={health.failed > 0 ? 'danger' : ''}>{shown(health.failed)}</span>,
              },
              { label: 'people are provisioned', value: shown(health.users) },
              { label: 'groups are provisioned', value: shown(health.groups) },
            ]}
          />
        )}
        {health !== undefined && <HourlyRequests hours={health.hours} />}
        <div className={styles.columns}>
          <Settings connection={connection} />
          <RoleSource connection={connection} />
        </div>
        <RemoveConnection connection={connection} health={health} />
      </div>
    </div>
  );
}

const shown = (count: number): string => count.toLocaleString('en-GB');

/** What is wrong, and where to go about it. */
function Advice({ connection, health }: Props) {
  if (health === undefined) return null;
  const [shape] = conditionOf(connection, health);
  if (connection.tokenCount === 0) {
    return (
      <Note tone="warning">
        <b>No token of this connection works.</b> The identity provider cannot send anything.{' '}
        <Link to="." search={{ tab: 'set-up' } as never}>
          Continue the set-up
        </Link>
      </Note>
    );
  }
  if (health.failingSince !== null) {
    return (
      <Note tone="danger">
        <b>
          Every request has failed since <Time at={health.failingSince} form="dateTime" />.
        </b>{' '}
        Changes in the directory do not arrive here.{' '}
        <Link to="." search={{ tab: 'log', status: 'error' } as never}>
          See why
        </Link>
      </Note>
    );
  }
  if (shape !== 'diamond') return null;
  return (
    <Note tone="warning">
      {health.silent ? (
        <p>
          <b>
            Nothing has come since <Time at={health.lastRequestAt} form="dateTime" />.
          </b>{' '}
          Check at the provider whether provisioning is still on.
        </p>
      ) : (
        <p>
          <b>
            {counted(health.failed, 'request', 'requests')} of {health.requests.toLocaleString('en-GB')}{' '}
            failed in the last 24 hours.
          </b>{' '}
          <Link to="." search={{ tab: 'log', status: 'error' } as never}>
            See why
          </Link>
        </p>
      )}
    </Note>
  );
}

function Settings({ connection }: { readonly connection: ScimConnection }) {
  const { change, save } = useSettings(connection);
  const [name, setName] = useState(connection.name);
  const [allows, setAllows] = useState(false);
  const on = (value: boolean) => (value ? 'on' : 'off');
  return (
    <Card title="Settings">
      {change.error !== null && <Failure error={change.error} />}
      <div>
        <div className={styles.setting}>
          <form
            className="row"
            style={{ alignItems: 'end' }}
            onSubmit={(event) => {
              event.preventDefault();
              save({ name: name.trim() }, { name: connection.name }, 'The connection was renamed.');
            }}
          >
            <TextInput
              className="grow"
              label="Name"
              value={name}
              maxLength={2_000}
              error={change.error instanceof ApiError ? change.error.about('name') : undefined}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={name.trim() === '' || name.trim() === connection.name}>
              Rename
            </Button>
          </form>
        </div>
        <Setting
          label="Strict mode"
          checked={connection.strict}
          onChange={(strict) => save({ strict }, { strict: !strict }, `Strict mode is ${on(strict)}.`)}
        >
          Refuses what RFC 7643 and 7644 do not allow. Off: the known quirks of Okta, Entra ID and others are
          accepted, attributes that no schema has are left out, and the log says which.
        </Setting>
        <Setting
          label="One user for each email address"
          checked={connection.uniqueEmails}
          onChange={(uniqueEmails) =>
            save(
              { uniqueEmails },
              { uniqueEmails: !uniqueEmails },
              uniqueEmails ? 'A second user with an address is refused.' : 'Users may share an address.',
            )
          }
        >
          Refuses a second user with the same primary address (409 uniqueness). Off: both are accepted, and
          the first one signs in with it.
        </Setting>
        <Setting
          label="Ask before a mass change"
          checked={connection.holdMassChanges}
          onChange={(holdMassChanges) =>
            save(
              { holdMassChanges },
              { holdMassChanges: !holdMassChanges },
              holdMassChanges ? 'Mass changes are held.' : 'Mass changes are no longer held.',
            )
          }
        >
          Refuses (429) to deactivate or delete an unusual share of people within a short time, until an
          administrator allows it. Okta gives up after ten tries. Off: the changes are made, nothing is
          destroyed, and one undo restores everyone.
          {connection.holdMassChanges && (
            <span className="row wrap" style={{ marginTop: 8 }}>
              {connection.massChangesUntil !== null ? (
                <span>
                  Allowed until <Time at={connection.massChangesUntil} form="clock" />.
                </span>
              ) : (
                <Button size="xs" onClick={() => setAllows(true)}>
                  Allow a mass change…
                </Button>
              )}
            </span>
          )}
        </Setting>
        <div className={styles.setting}>
          <span className="row wrap">
            <b>Single sign-on</b>
            <span className="muted">
              {connection.signsOn ? 'People also sign in through it.' : 'No one signs in through it.'}
            </span>
            {connection.signsOn ? (
              <Link
                to="/single-sign-on/$connectionId"
                params={{ connectionId: connection.id }}
                className="to-hit"
              >
                Open
              </Link>
            ) : (
              <Link to="/single-sign-on" search={{ add: 'open', scim: connection.id } as never}>
                Add single sign-on
              </Link>
            )}
          </span>
        </div>
      </div>
      {allows && <AllowMassChange connection={connection} onClose={() => setAllows(false)} />}
    </Card>
  );
}

function Setting({
  label,
  checked,
  onChange,
  children,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.setting}>
      <Switch label={label} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <div className="muted small" style={{ paddingInlineStart: 46 }}>
        {children}
      </div>
    </div>
  );
}

const SOURCES = [
  {
    value: 'app',
    label: 'Rollcall (app)',
    means: 'Roles are set here. Roles that the directory sends are kept and shown, but have no effect.',
  },
  {
    value: 'scim_roles',
    label: 'The attribute roles (scim_roles)',
    means: 'The directory sets the direct role of each person. It never makes an owner.',
  },
  {
    value: 'idp_groups',
    label: 'Groups (idp_groups)',
    means: 'Only the roles of groups count: give a role here to each group that the directory pushes.',
  },
] as const;

function RoleSource({ connection }: { readonly connection: ScimConnection }) {
  const me = useMe();
  const [wanted, setWanted] = useState<(typeof SOURCES)[number]>();
  const chosen = SOURCES.find(({ value }) => value === connection.roleSource) ?? SOURCES[0];
  const setter = connection.roleSourceSetBy;
  return (
    <Card title="Who sets roles">
      <Select
        label="Role source"
        data={SOURCES.map(({ value, label }) => ({ value, label }))}
        value={connection.roleSource}
        allowDeselect={false}
        onChange={(value) => setWanted(SOURCES.find((source) => source.value === value))}
      />
      <p className="muted small">{chosen.means}</p>
      {connection.roleSource === 'scim_roles' && (
        <>
          <p className="small muted">
            {setter === null || setter.id === null
              ? 'No user has chosen it: no role is assigned until one does.'
              : `Chosen by ${setter.id === me.user.id ? 'you' : nameOf(setter)}: the directory assigns no role that ${setter.id === me.user.id ? 'you' : 'they'} may not assign.`}
          </p>
          <RoleAliases connection={connection} />
        </>
      )}
      {wanted !== undefined && wanted !== chosen && (
        <RoleSourceDialog connection={connection} to={wanted} onClose={() => setWanted(undefined)} />
      )}
    </Card>
  );
}
