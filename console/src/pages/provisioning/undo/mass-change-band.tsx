import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { useMe } from '../../../api/me.ts';
import type { Alert, ScimConnection } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { Failure } from '../../../components/failure.tsx';
import { Time } from '../../../components/time.tsx';
import styles from '../provisioning.module.css';
import { usePreview } from './use-preview.ts';

/** A mass change of the connection that is still open as an alert: one band, with its undo. */
export function MassChangeBand({ connection }: { readonly connection: ScimConnection }) {
  const me = useMe();
  const [, setSearch] = usePageSearch();
  const { data: alerts } = useQuery({
    queryKey: ['alerts', 'mass_change', 'open'],
    enabled: me.may('alerts:manage'),
    queryFn: async () => {
      const query = { kind: 'mass_change', state: 'open', limit: 100 } as never;
      return (await dataOf(api.GET('/alerts', { params: { query } }))).data as Alert[];
    },
  });
  const preview = usePreview();
  const alert = alerts?.find((each) => each.connection?.id === connection.id && each.undo !== null);
  if (alert === undefined || alert.undo === null) return null;
  const { from, to } = alert.undo;
  return (
    <div className={styles.band}>
      <div className="grow">
        <b>{alert.why}</b>
        <p className="small muted">
          <Time at={from} form="dateTime" /> to <Time at={to} form="clock" />, compared with{' '}
          {alert.comparedWith}
        </p>
        {preview.error !== null && <Failure error={preview.error} />}
      </div>
      <Button
        leftSection={<IconArrowBackUp size={16} stroke={1.5} aria-hidden />}
        loading={preview.isPending}
        onClick={() =>
          preview.mutate(
            { connectionId: connection.id, from, to },
            {
              onSuccess: ({ id }) =>
                setSearch({ tab: 'undo', undo: id, open: undefined }, { replace: false }),
            },
          )
        }
      >
        Undo this batch…
      </Button>
    </div>
  );
}
