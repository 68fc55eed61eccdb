import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ScimConnection, ScimHealth } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs, useTab } from '../../components/page-tabs.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import { LogTab } from './log/log-tab.tsx';
import { RequestPanel } from './log/request-panel.tsx';
import { OverviewTab } from './overview-tab.tsx';
import styles from './provisioning.module.css';
import { SetUpTab } from './set-up-tab.tsx';
import { TokensTab } from './tokens/tokens-tab.tsx';
import { UndoTab } from './undo/undo-tab.tsx';
import { conditionOf, connectionQuery, endsSoon, healthQuery, ROLE_SOURCES } from './use-provisioning.ts';

const PARENT = { to: '/provisioning', label: 'Provisioning' };
const LEAVES = ['status', 'method', 'q', 'user', 'from', 'to', 'open', 'live', 'undo', 'result', 'provider'];

/** A connection over SCIM: how it is doing, its set-up, tokens, log and undo. */
export function ScimConnectionPage() {
  const { connectionId } = useParams({ strict: false }) as { connectionId: string };
  const [search] = usePageSearch();
  const { data: connection, error, refetch } = useQuery(connectionQuery(connectionId));
  const { data: health } = useQuery(healthQuery(connectionId));
  const tabs =
    connection === undefined
      ? []
      : [
          {
            value: 'overview',
            label: 'Overview',
            panel: () => <OverviewTab connection={connection} health={health} />,
          },
          {
            value: 'set-up',
            label: 'Set-up',
            panel: () => <SetUpTab connection={connection} health={health} />,
          },
          {
            value: 'tokens',
            label: 'Tokens',
            beside: <span className="muted figures">{connection.tokenCount}</span>,
            panel: () => <TokensTab connection={connection} />,
          },
          {
            value: 'log',
            label: 'Log',
            beside:
              health === undefined || health.failed === 0 ? undefined : (
                <span className="danger figures" title="Failed in the last 24 hours">
                  {health.failed.toLocaleString('en-GB')}
                </span>
              ),
            panel: () => <LogTab connection={connection} />,
          },
          { value: 'undo', label: 'Undo', panel: () => <UndoTab connection={connection} /> },
        ];
  const tab = useTab(tabs);
  if (connection === undefined) {
    return (
      <Page title="Connection" parent={PARENT}>
        {error !== null && <Failure error={error} retry={() => void refetch()} />}
      </Page>
    );
  }
  const [shape, words] = conditionOf(connection, health);
  return (
    <>
      <Page
        title={connection.name}
        parent={PARENT}
        fill
        beside={<Status shape={shape}>{words}</Status>}
        bar={<Facts connection={connection} health={health} />}
      >
        <PageTabs label="About this connection" tabs={tabs} leaves={LEAVES} />
      </Page>
      {tab === 'log' && search['open'] !== undefined && (
        <RequestPanel key={search['open']} connection={connection} requestId={search['open']} />
      )}
    </>
  );
}

function Facts({
  connection,
  health,
}: {
  readonly connection: ScimConnection;
  readonly health: ScimHealth | undefined;
}) {
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Last request</dt>
        <dd>{health === undefined ? '…' : <Time at={health.lastRequestAt} />}</dd>
      </div>
      <div>
        <dt>Failed, 24 h</dt>
        <dd className={health !== undefined && health.failed > 0 ? 'danger' : ''}>
          {health === undefined
            ? '…'
            : `${health.failed.toLocaleString('en-GB')} of ${health.requests.toLocaleString('en-GB')}`}
        </dd>
      </div>
      <div>
        <dt>Provisions</dt>
        <dd>
          {health === undefined
            ? '…'
            : `${counted(health.users, 'person', 'people')}, ${counted(health.groups, 'group', 'groups')}`}
        </dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd className={connection.tokenCount === 0 ? 'warning' : ''}>
          {connection.tokenCount === 0 ? 'None' : connection.tokenCount}
          {health?.tokensEndAt != null && (
            <span className={endsSoon(health.tokensEndAt) ? 'warning' : 'muted'}>
              , until <Time at={health.tokensEndAt} />
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>Roles from</dt>
        <dd>{ROLE_SOURCES[connection.roleSource]}</dd>
      </div>
    </dl>
  );
}
