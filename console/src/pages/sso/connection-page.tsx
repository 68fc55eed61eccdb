import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { CertificatesTab } from './certificates-tab.tsx';
import { ConnectionState } from './connection-state.tsx';
import { DangerTab } from './danger-tab.tsx';
import { DomainsPanel } from './domains-panel.tsx';
import { JitTab } from './jit-tab.tsx';
import styles from './sso.module.css';
import { TracesTab } from './traces-tab.tsx';
import { ssoConnectionQuery } from './use-sso.ts';
import { Wizard } from './wizard/wizard.tsx';

const PARENT = { to: '/single-sign-on', label: 'Single sign-on' };
const LEAVES = ['step', 'outcome', 'open'];

/** A connection for single sign-on: its set-up, provisioning, keys, domains and traces. */
export function SsoConnectionPage() {
  const { connectionId } = useParams({ strict: false }) as { connectionId: string };
  const { data: connection, error, refetch } = useQuery(ssoConnectionQuery(connectionId));
  if (connection === undefined) {
    return (
      <Page title="Connection" parent={PARENT}>
        {error !== null && <Failure error={error} retry={() => void refetch()} />}
      </Page>
    );
  }
  return (
    <Page
      title={connection.name}
      parent={PARENT}
      fill
      beside={<ConnectionState state={connection.state} />}
      acts={
        connection.hasScim ? (
          <Button
            component={Link}
            to="/provisioning/$connectionId"
            params={{ connectionId: connection.id } as never}
          >
            Provisioning
          </Button>
        ) : undefined
      }
    >
      <PageTabs
        label="About this connection"
        leaves={LEAVES}
        tabs={[
          { value: 'set-up', label: 'Set-up', panel: () => <Wizard connection={connection} /> },
          {
            value: 'auto-provisioning',
            label: 'Auto-Provisioning',
            panel: () => <JitTab connection={connection} />,
          },
          {
            value: 'certificates',
            label: 'Certificates and keys',
            panel: () => <CertificatesTab connection={connection} />,
          },
          {
            value: 'domains',
            label: 'Domains',
            beside: <span className="muted figures">{connection.domains.length}</span>,
            panel: () => (
              <div className={styles.padded}>
                <div className={styles.narrow}>
                  <DomainsPanel connection={connection} />
                </div>
              </div>
            ),
          },
          { value: 'traces', label: 'Traces', panel: () => <TracesTab connection={connection} /> },
          { value: 'danger', label: 'Danger', panel: () => <DangerTab connection={connection} /> },
        ]}
      />
    </Page>
  );
}
