import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import styles from './shell.module.css';

/** The number beside a place of the menu: what waits there. */
export function PlaceCount({ place }: { readonly place: string }) {
  return place === '/alerts' ? <OpenAlerts /> : null;
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
