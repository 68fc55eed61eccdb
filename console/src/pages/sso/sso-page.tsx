import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { SsoConnection, SsoConnectionSummary } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Tag } from '../../components/tag.tsx';
import { counted } from '../../components/words.ts';
import { ConnectionState } from './connection-state.tsx';
import { CreateSsoConnection } from './create-sso-connection.tsx';
import styles from './sso.module.css';
import { daysLeft, ssoConnectionQuery, ssoConnectionsQuery } from './use-sso.ts';

interface Row {
  readonly connection: SsoConnectionSummary;
  readonly whole: SsoConnection | undefined;
}

/** Admin → Single sign-on: the connections through which people sign in. */
export function SsoPage() {
  const me = useMe();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const { data: connections = [], error, isPending, refetch } = useQuery(ssoConnectionsQuery);
  const wholes = useQueries({ queries: connections.map(({ id }) => ssoConnectionQuery(id)) });
  const rows = connections.map((connection, at): Row => ({ connection, whole: wholes[at]?.data }));
  const may = me.may('sso:manage');
  const add = () => setSearch({ add: 'open' });
  useKeys({ n: () => may && add() });
  return (
    <>
      <Page
        title="Single sign-on"
        fill
        count={isPending ? undefined : connections.length}
        acts={
          <ActionButton
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            lockedBecause={may ? undefined : NO_PERMISSION}
            onClick={add}
          >
            <span className="on-wide">Connect a provider</span> <kbd>N</kbd>
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
            rowHeight={48}
            onOpen={({ connection: { id } }) =>
              void navigate({ to: '/single-sign-on/$connectionId', params: { connectionId: id } })
            }
            empty={
              <Empty
                title="No provider connected yet"
                act={
                  may ? (
                    <Button variant="filled" onClick={add}>
                      Connect a provider
                    </Button>
                  ) : undefined
                }
              >
                People sign in at Okta, Entra ID, Google or another provider and appear here with the right
                name, groups and role. A draft affects no one until you activate it.
              </Empty>
            }
          />
        )}
      </Page>
      {search['add'] === 'open' && (
        <CreateSsoConnection
          first={search['provider']}
          scimConnection={search['scim']}
          onClose={() => setSearch({ add: undefined, scim: undefined, provider: undefined })}
        />
      )}
    </>
  );
}

const PROTOCOLS = { saml: 'SAML', oidc: 'OpenID Connect' } as const;
const NAMES = { okta: 'Okta', entra: 'Entra ID', google: 'Google', generic: 'Other' } as const;

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    header: 'Connection',
    cell: ({ connection: { id, name } }) => (
      <Link
        to="/single-sign-on/$connectionId"
        params={{ connectionId: id }}
        className={`${styles.name} clamp`}
        dir="auto"
        title={name}
      >
        {name}
      </Link>
    ),
  },
  {
    key: 'state',
    header: 'State',
    width: 190,
    narrow: 132,
    cell: ({ connection: { state } }) => <ConnectionState state={state} />,
  },
  {
    key: 'provider',
    header: 'Provider',
    width: 184,
    from: 640,
    cell: ({ connection: { provider, protocol } }) => (
      <>
        {NAMES[provider]} <span className="muted">{PROTOCOLS[protocol]}</span>
      </>
    ),
  },
  {
    key: 'domains',
    header: 'Domains',
    width: 240,
    from: 860,
    cell: ({ whole }) => (whole === undefined ? '…' : <Domains domains={whole.domains} />),
  },
  {
    key: 'certificate',
    header: 'Certificate',
    width: 124,
    from: 960,
    cell: ({ whole }) => (whole === undefined ? '…' : <Countdown days={daysLeft(whole)} />),
  },
  {
    key: 'warnings',
    header: 'Warnings',
    width: 110,
    from: 1080,
    cell: ({ whole }) => (whole === undefined ? '…' : <Warned warnings={whole.warnings} />),
  },
];

function Warned({ warnings }: { readonly warnings: SsoConnection['warnings'] }) {
  if (warnings.length === 0) return <span className="muted">–</span>;
  return (
    <span title={warnings.map(({ message }) => message).join('\n')}>
      <Tag tone="warning">{String(warnings.length)}</Tag>
    </span>
  );
}

function Domains({ domains }: { readonly domains: SsoConnection['domains'] }) {
  const [first, ...others] = domains;
  if (first === undefined) return <span className="muted">None</span>;
  return (
    <span title={domains.map(({ domain }) => domain).join(', ')}>
      {first.domain} {first.verifiedAt === null && <span className="warning">not verified</span>}
      {others.length > 0 && <span className="muted"> +{others.length}</span>}
    </span>
  );
}

const YEAR = 365;

/** The days that the certificate which ends first still has. */
export function Countdown({ days }: { readonly days: number | undefined }) {
  if (days === undefined) return <span className="muted">–</span>;
  if (days < 0) return <Tag tone="danger">Expired</Tag>;
  const words = `${days < 2 * YEAR ? counted(days, 'day', 'days') : `${Math.floor(days / YEAR)} years`} left`;
  return days < 30 ? <Tag tone="warning">{words}</Tag> : words;
}
