import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Code, readable } from '../../components/code.tsx';
import { Failure } from '../../components/failure.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { useWebhookChange } from './use-webhooks.ts';
import { DELIVERY_STATES } from './webhook-page.tsx';

/** One delivery: what was sent, what was answered, and sending it again. */
export function DeliveryPanel({
  webhookId,
  deliveryId,
}: {
  readonly webhookId: string;
  readonly deliveryId: string;
}) {
  const [, setSearch] = usePageSearch();
  const params = { path: { id: webhookId, delivery: deliveryId } };
  const { data, error } = useQuery({
    queryKey: ['webhooks', webhookId, 'delivery', deliveryId],
    // A test is written a moment after it was asked for.
    retry: 3,
    retryDelay: 700,
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? 2_000 : false),
    queryFn: () => dataOf(api.GET('/webhooks/{id}/deliveries/{delivery}', { params })),
  });
  const queries = useQueryClient();
  const progress = data === undefined ? undefined : `${data.state} ${data.attempts}`;
  useEffect(() => {
    if (progress === undefined) return;
    // The list beside it and the state of the webhook follow from it.
    void queries.invalidateQueries({ queryKey: ['webhooks', webhookId, 'deliveries'] });
    void queries.invalidateQueries({ queryKey: ['webhooks', webhookId], exact: true });
  }, [queries, webhookId, progress]);
  const retry = useWebhookChange(() =>
    dataOf(api.POST('/webhooks/{id}/deliveries/{delivery}/retry', { params })),
  );
  return (
    <SidePanel
      wide
      label="Delivery"
      onClose={() => setSearch({ open: undefined })}
      footer={
        data === undefined ? undefined : (
          <Button
            loading={retry.isPending}
            onClick={() =>
              retry.mutate(undefined, { onSuccess: () => toast('The delivery is being sent again.') })
            }
          >
            Send it again
          </Button>
        )
      }
    >
      {(error ?? retry.error) !== null && <Failure error={error ?? retry.error} />}
      {data !== undefined && (
        <div className="stack" style={{ gap: 18 }}>
          <h2>
            <code>{data.type}</code>
          </h2>
          <dl className="facts">
            <dt>State</dt>
            <dd>
              <Status shape={DELIVERY_STATES[data.state][0]}>{DELIVERY_STATES[data.state][1]}</Status>
            </dd>
            <dt>Event at</dt>
            <dd>
              <Time at={data.eventAt} form="dateTime" />
            </dd>
            <dt>Attempts</dt>
            <dd>{data.attempts}</dd>
            <dt>Last attempt</dt>
            <dd>
              <Time at={data.attemptedAt} form="dateTime" />
            </dd>
            {data.dueAt !== null && (
              <>
                <dt>Next attempt</dt>
                <dd>
                  <Time at={data.dueAt} />
                </dd>
              </>
            )}
            <dt>Answer</dt>
            <dd>
              {data.lastStatus ?? <span className="muted">none</span>}
              {data.lastError !== null && (
                <>
                  <br />
                  {data.lastError}
                </>
              )}
            </dd>
          </dl>
          {data.body === null ? (
            <p className="muted">The body is no longer kept.</p>
          ) : (
            <section className="stack" style={{ gap: 6 }}>
              <h3>Body</h3>
              <Code label="Body" text={readable(data.body)} />
            </section>
          )}
        </div>
      )}
    </SidePanel>
  );
}
