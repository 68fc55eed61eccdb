import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { ScimConnection, ScimHealth } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import { CreateConnection } from './create-connection.tsx';
import styles from './provisioning.module.css';
import { conditionOf, connectionsQuery, endsSoon, healthQuery, ROLE_SOURCES } from './use-provisioning.ts';

interface Row {
  readonly connection: ScimConnection;
  readonly health: ScimHealth | undefined;
}

/** Admin → Provisioning: the connections over SCIM, and how each of them is doing. */
export function ProvisioningPage() {
  const me = useMe();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const { data: connections = [], error, isPending, refetch } = useQuery(connectionsQuery);
  const healths = useQueries({ queries: connections.map(({ id }) => healthQuery(id)) });
  const rows = connections.map((connection, at): Row => ({ connection, health: healths[at]?.data }));
  const may = me.may('scim:manage');
  const open = ({ connection }: Row) =>
    void navigate({ to: '/provisioning/$connectionId', params: { connectionId: connection.id } });
  useKeys({ n: () => may && setSearch({ add: 'open' }) });
  return (
    <>
      <Page
        title="Provisioning"
        fill
        count={isPending ? undefined : connections.length}
        acts={
          <ActionButton
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            lockedBecause={may ? undefined : NO_PERMISSION}
            onClick={() => setSearch({ add: 'open' })}
          >
            <span className="on-wide">Add a connection</span> <kbd>N</kbd>
          </ActionButton>
        }
      >
        {error !== null ? (
          <div className={styles.padded}>
            <Failure error={error} retry={() => void refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Connections"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ connection }) => connection.id}
            loading={isPending}
            onOpen={open}
            rowHeight={48}
            empty={
              <Empty
                title="No connection yet"
                act={
                  may ? (
                    <Button variant="filled" onClick={() => setSearch({ add: 'open' })}>
                      Add a connection
                    </Button>
                  ) : undefined
                }
              >
                Okta, Entra ID and others can add, change and deactivate people here over SCIM, so that
                someone who leaves loses access at once.
              </Empty>
            }
          />
        )}
      </Page>
      {search['add'] === 'open' && <CreateConnection onClose={() => setSearch({ add: undefined })} />}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    header: 'Connection',
    cell: ({ connection }) => (
      <Link
        to="/provisioning/$connectionId"
        params={{ connectionId: connection.id }}
        className={`${styles.name} clamp`}
        dir="auto"
        title={connection.name}
      >
        {connection.name}
      </Link>
    ),
  },
  {
    key: 'health',
    header: 'Health',
    width: 232,
    narrow: 150,
    cell: ({ connection, health }) => {
      const [shape, words] = conditionOf(connection, health);
      return (
        <Status shape={shape} wraps>
          {words}
        </Status>
      );
    },
  },
  {
    key: 'last',
    header: 'Last request',
    width: 128,
    from: 620,
    cell: ({ health }) => (health === undefined ? '…' : <Time at={health.lastRequestAt} />),
  },
  {
    key: 'failed',
    header: 'Failed, 24 h',
    width: 124,
    from: 760,
    cell: ({ health }) =>
      health === undefined ? (
        '…'
      ) : health.requests === 0 ? (
        <span className="muted">No requests</span>
      ) : (
        <span className={health.failed > 0 ? 'danger' : ''}>
          {health.failed.toLocaleString('en-GB')}{' '}
          <span className="muted">of {health.requests.toLocaleString('en-GB')}</span>
        </span>
      ),
  },
  {
    key: 'owned',
    header: 'Provisions',
    width: 176,
    from: 880,
    cell: ({ health }) =>
      health === undefined
        ? '…'
        : `${counted(health.users, 'person', 'people')}, ${counted(health.groups, 'group', 'groups')}`,
  },
  {
    key: 'tokens',
    header: 'Tokens',
    width: 148,
    from: 1020,
    cell: ({ connection, health }) => <Tokens connection={connection} endsAt={health?.tokensEndAt ?? null} />,
  },
  {
    key: 'roles',
    header: 'Roles from',
    width: 116,
    from: 1140,
    cell: ({ connection }) => ROLE_SOURCES[connection.roleSource],
  },
];

/** How many tokens work, and when the last of them ends. */
function Tokens({
  connection,
  endsAt,
}: {
  readonly connection: ScimConnection;
  readonly endsAt: string | null;
}) {
  if (connection.tokenCount === 0) return <Tag tone="warning">None</Tag>;
  if (endsAt === null) return <>{connection.tokenCount}</>;
  return (
    <span className={endsSoon(endsAt) ? 'warning' : ''}>
      ends <Time at={endsAt} />
    </span>
  );
}
