import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Section } from '../../components/section.tsx';
import styles from './account-page.module.css';

import { useOwnChange } from './use-own-change.ts';

const FREQUENCIES = { at_once: 'At once', daily: 'Daily', off: 'Off' } as const;

/** Which mails come, and how often. */
export function Mails() {
  const { data, error } = useQuery({
    queryKey: ['me', 'notifications'],
    queryFn: () => dataOf(api.GET('/me/notifications')),
  });
  const choose = useOwnChange((topics: Record<string, keyof typeof FREQUENCIES>) =>
    dataOf(api.PUT('/me/notifications', { body: { topics } as never })),
  );
  const failure = error ?? choose.error;
  return (
    <Section
      title="Emails"
      about={
        data === undefined ? '' : `The daily one is sent at ${data.digestHour}:00, ${data.digestTimeZone}.`
      }
    >
      {failure !== null && <Failure error={failure} />}
      <ul>
        {data?.topics.map(({ topic, title, description, frequency, allowed }) => (
          <li key={topic} className={styles.line}>
            <span className="grow">
              {title}
              <br />
              <span className="muted small">{description}</span>
            </span>
            <SegmentedControl
              aria-label={`How often: ${title}`}
              data={(Object.keys(FREQUENCIES) as (keyof typeof FREQUENCIES)[]).map((value) => ({
                value,
                label: FREQUENCIES[value],
                disabled: !allowed.includes(value),
              }))}
              value={frequency}
              onChange={(value) => choose.mutate({ [topic]: value as keyof typeof FREQUENCIES })}
            />
          </li>
        ))}
      </ul>
      {data?.topics.some(({ allowed }) => allowed.length < 3) && (
        <Note>Your organization requires some of these, which are always sent.</Note>
      )}
    </Section>
  );
}
