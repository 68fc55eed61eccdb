import { Checkbox, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { Failure } from '../../components/failure.tsx';
import styles from './settings.module.css';
import { type Settings, SettingsForm } from './use-settings.tsx';

const FREQUENCIES = { at_once: 'At once', daily: 'Daily', off: 'Off' } as const;
type Frequency = keyof typeof FREQUENCIES;
type Topic = Settings['notificationsRequired'][number];

/** What is about one's own account is never left to a choice. */
const ALWAYS = new Set<string>(['own_account', 'own_sign_ins', 'own_elevations']);
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** When the daily mail comes, and what everyone gets who has chosen nothing. */
export function MailsTab({ settings }: { readonly settings: Settings }) {
  const topics = useQuery({
    queryKey: ['me', 'notifications'],
    queryFn: () => dataOf(api.GET('/me/notifications')),
  });
  return (
    <>
      <SettingsForm
        title="The daily email"
        about="Daily notifications come in one email."
        what="the time of the daily email"
        keys={['digestHour', 'digestTimeZone']}
        settings={settings}
      >
        {({ value, set, about }) => (
          <>
            <Select
              label="Hour"
              w={220}
              data={Array.from({ length: 24 }, (_, hour) => ({
                value: String(hour),
                label: `${String(hour).padStart(2, '0')}:00`,
              }))}
              value={String(value.digestHour)}
              allowDeselect={false}
              error={about('digestHour')}
              onChange={(hour) => set('digestHour', Number(hour))}
            />
            <Select
              label="Time zone"
              searchable
              data={[...new Set([value.digestTimeZone, ...ZONES])]}
              value={value.digestTimeZone}
              allowDeselect={false}
              error={about('digestTimeZone')}
              onChange={(zone) => set('digestTimeZone', zone ?? 'UTC')}
            />
          </>
        )}
      </SettingsForm>
      <SettingsForm
        title="Topics"
        about="How often people get emails unless they choose for themselves. Required ones are always sent at once."
        what="the email defaults"
        keys={['notificationDefaults', 'notificationsRequired']}
        settings={settings}
      >
        {({ value, set, about }) => {
          const defaults = new Map<string, Frequency>(Object.entries(value.notificationDefaults));
          return (
            <>
              {topics.error !== null && <Failure error={topics.error} />}
              {about('notificationDefaults') !== undefined && (
                <p className="danger small">{about('notificationDefaults')}</p>
              )}
              <ul>
                {topics.data?.topics.map(({ topic, title, description, allowed, default: usual }) => {
                  const required = value.notificationsRequired.includes(topic as Topic);
                  return (
                    <li key={topic} className={styles.line}>
                      <span className="grow" style={{ minWidth: 220 }}>
                        {title}
                        <br />
                        <span className="muted small">{description}</span>
                      </span>
                      {!ALWAYS.has(topic) ? (
                        <>
                          <Checkbox
                            label="Required"
                            aria-label={`Required: ${title}`}
                            checked={required}
                            onChange={(event) =>
                              set(
                                'notificationsRequired',
                                event.currentTarget.checked
                                  ? [...value.notificationsRequired, topic as Topic]
                                  : value.notificationsRequired.filter((other) => other !== topic),
                              )
                            }
                          />
                          <SegmentedControl
                            aria-label={`How often by default: ${title}`}
                            disabled={required}
                            data={(Object.keys(FREQUENCIES) as Frequency[]).map((name) => ({
                              value: name,
                              label: FREQUENCIES[name],
                              disabled: allowed.length > 1 && !allowed.includes(name),
                            }))}
                            value={required ? 'at_once' : (defaults.get(topic) ?? usual)}
                            onChange={(chosen) =>
                              set('notificationDefaults', {
                                ...value.notificationDefaults,
                                [topic]: chosen as Frequency,
                              })
                            }
                          />
                        </>
                      ) : (
                        <span className="muted small">Always at once</span>
                      )}
                    </li>
                  );
                })}
              </ul>
            </>
          );
        }}
      </SettingsForm>
    </>
  );
}
