import { useQuery } from '@tanstack/react-query';
import { attentionQuery } from '../api/attention.ts';
import { api, dataOf } from '../api/client.ts';
import type { AttentionItem } from '../api/schema.d.ts';
import styles from './shell.module.css';

/** The number beside a place of the menu: what waits there. */
export function PlaceCount({ place }: { readonly place: string }) {
  if (place === '/alerts') return <OpenAlerts />;
  if (place === '/provisioning') return <FailingConnections />;
  return place === '/reviews' ? <OwnReviews /> : null;
}

/** SCIM connections failing or silent. */
function FailingConnections() {
  const { data } = useQuery(attentionQuery);
  const count = data?.items.filter(isTroubled).length ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.count} data-hot="true">
      {count}
      <span className="visually-hidden"> failing or silent</span>
    </span>
  );
}

const isTroubled = ({ kind, severity }: AttentionItem): boolean =>
  kind === 'silent_connection' || (kind === 'failing_connection' && severity === 'high');

/** What one is asked to decide in access reviews. */
function OwnReviews() {
  const { data } = useQuery({
    queryKey: ['reviews', 'mine'],
    queryFn: () =>
      dataOf(api.GET('/reviews', { params: { query: { state: ['open'], mine: 'true', limit: 50 } } })),
    staleTime: 60_000,
  });
  const count = data?.data.reduce((sum, { mine }) => sum + mine.undecided, 0) ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.count}>
      {count.toLocaleString('en-GB')}
      <span className="visually-hidden"> to decide</span>
    </span>
  );
}

function OpenAlerts() {
  const { data } = useQuery({
    queryKey: ['alerts', 'counts'],
    queryFn: () => dataOf(api.GET('/alerts/counts')),
    refetchInterval: 60_000,
  });
  const count = data?.data.reduce((sum, { alerts }) => sum + alerts, 0) ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.count} data-hot="true">
      {count}
      <span className="visually-hidden"> open</span>
    </span>
  );
}
