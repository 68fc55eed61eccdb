import { usePageSearch } from '../../app/use-search.ts';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { EventPanel } from './event-panel.tsx';
import { EventsTab } from './events-tab.tsx';
import { StreamsTab } from './streams-tab.tsx';
import { VerificationTab } from './verification-tab.tsx';

/** Everything that happened, that nothing of it was changed, and where else it is sent. */
export function AuditPage() {
  const [search] = usePageSearch();
  return (
    <>
      <Page title="Audit" fill>
        <PageTabs
          label="Audit"
          leaves={['open', 'stream']}
          tabs={[
            { value: 'events', label: 'Events', panel: () => <EventsTab /> },
            { value: 'verification', label: 'Verification', panel: () => <VerificationTab /> },
            { value: 'streams', label: 'Streams', panel: () => <StreamsTab /> },
          ]}
        />
      </Page>
      {search['open'] !== undefined && search['tab'] === undefined && (
        <EventPanel key={search['open']} eventId={search['open']} />
      )}
    </>
  );
}
