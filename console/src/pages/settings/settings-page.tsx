import { useQuery } from '@tanstack/react-query';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { AccessTab } from './access-tab.tsx';
import { GeneralTab } from './general-tab.tsx';
import { JobFunctionsTab } from './job-functions-tab.tsx';
import { MailsTab } from './mails-tab.tsx';
import { OversightTab } from './oversight-tab.tsx';
import { ResourcesTab } from './resources-tab.tsx';
import styles from './settings.module.css';
import { settingsQuery } from './use-settings.tsx';

/** What the organization has decided; each setting with what it does. */
export function SettingsPage() {
  const me = useMe();
  const allowed = me.may('settings:manage');
  const { data, error, refetch } = useQuery({ ...settingsQuery, enabled: allowed });
  const inside = (content: React.ReactNode) => <div className={styles.scroll}>{content}</div>;
  const settings = data?.settings;
  const tabs =
    data === undefined || settings === undefined
      ? []
      : [
          {
            value: 'general',
            label: 'General',
            panel: () => inside(<GeneralTab name={data.name} settings={settings} />),
          },
          { value: 'access', label: 'Access', panel: () => inside(<AccessTab settings={settings} />) },
          {
            value: 'oversight',
            label: 'Oversight',
            panel: () => inside(<OversightTab settings={settings} />),
          },
          { value: 'mails', label: 'Emails', panel: () => inside(<MailsTab settings={settings} />) },
        ];
  return (
    <Page title="Settings" fill>
      {error !== null && (
        <div className={styles.scroll}>
          <Failure error={error} retry={() => void refetch()} />
        </div>
      )}
      {(data !== undefined || !allowed) && (
        <PageTabs
          label="Settings"
          leaves={['edit']}
          tabs={[
            ...tabs,
            ...(allowed
              ? [
                  {
                    value: 'job-functions',
                    label: 'Job functions',
                    panel: () => inside(<JobFunctionsTab />),
                  },
                ]
              : []),
            { value: 'resources', label: 'Resources', panel: () => <ResourcesTab /> },
          ]}
        />
      )}
    </Page>
  );
}
