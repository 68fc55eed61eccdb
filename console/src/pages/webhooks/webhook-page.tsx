import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import type { WebhookDeliveriesResponse } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Note } from '../../components/note.tsx';
import { Page } from '../../components/page.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { dateTime, Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { useNarrow } from '../../components/use-narrow.ts';
import { DeliveryPanel } from './delivery-panel.tsx';
import { useWebhookChange, webhookState } from './use-webhooks.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import styles from './webhooks.module.css';

type Delivery = WebhookDeliveriesResponse['data'][number];

export const DELIVERY_STATES: Readonly<Record<Delivery['state'], readonly [Shape, string]>> = {
  delivered: ['disc', 'Delivered'],
  waiting: ['ring', 'Waiting'],
  failed: ['square', 'Failed'],
};
const FILTERS = [
  {
    key: 'state',
    label: 'State',
    options: Object.entries(DELIVERY_STATES).map(([value, [, label]]) => ({ value, label })),
  },
];
/** From where on the time has a column, in pixels. */
const TIME_FROM = 560;
const COLUMNS: readonly Column<Delivery>[] = [
  {
    key: 'at',
    header: 'Event at',
    width: 176,
    from: TIME_FROM,
    cell: ({ eventAt }) => <Time at={eventAt} form="dateTime" />,
  },
  { key: 'type', header: 'Event', from: TIME_FROM, cell: ({ type }) => <code>{type}</code> },
  {
    key: 'type-and-time',
    header: 'Event',
    until: TIME_FROM,
    cell: ({ type, eventAt }) => (
      <TwoLines below={<Time at={eventAt} form="dateTime" />}>
        <code>{type}</code>
      </TwoLines>
    ),
  },
  {
    key: 'answer',
    header: 'Answer',
    from: 700,
    cell: ({ lastStatus, lastError }) => (
      <span className="muted" title={lastError ?? undefined}>
        {[lastStatus, lastError].filter((part) => part !== null).join(' · ') || '–'}
      </span>
    ),
  },
  {
    key: 'attempts',
    header: 'Attempts',
    width: 84,
    from: 800,
    align: 'end',
    cell: ({ attempts }) => attempts,
  },
  {
    key: 'state',
    header: 'State',
    width: 130,
    cell: ({ state }) => <Status shape={DELIVERY_STATES[state][0]}>{DELIVERY_STATES[state][1]}</Status>,
  },
];

/** One webhook: what was sent, what was answered, its secret. */
export function WebhookPage() {
  const { webhookId } = useParams({ strict: false }) as { webhookId: string };
  const [search, setSearch] = usePageSearch();
  const navigate = useNavigate();
  const params = { path: { id: webhookId } };
  const [dialog, setDialog] = useState<'change' | 'rotate' | 'remove'>();
  const webhook = useQuery({
    queryKey: ['webhooks', webhookId],
    queryFn: () => dataOf(api.GET('/webhooks/{id}', { params })),
  });
  const enable = useWebhookChange((enabled: boolean) =>
    dataOf(api.PATCH('/webhooks/{id}', { params, body: { enabled } })),
  );
  const test = useWebhookChange(() => dataOf(api.POST('/webhooks/{id}/test', { params })));
  const rotate = useWebhookChange(() => dataOf(api.POST('/webhooks/{id}/rotate', { params })));
  const remove = useWebhookChange(() => dataOf(api.DELETE('/webhooks/{id}', { params })));
  const found = webhook.data;
  const failure = webhook.error ?? enable.error ?? test.error;
  const pause = (enabled: boolean) =>
    enable.mutate(enabled, {
      onSuccess: () =>
        toast(`The webhook was ${enabled ? 'resumed' : 'paused'}.`, () => enable.mutate(!enabled)),
    });
  return (
    <>
      <Page
        title={found?.url ?? 'Webhook'}
        parent={{ to: '/webhooks', label: 'Webhooks' }}
        fill
        beside={
          found !== undefined && <Status shape={webhookState(found)[0]}>{webhookState(found)[1]}</Status>
        }
        acts={
          found !== undefined && (
            <>
              <Button
                loading={test.isPending}
                onClick={() =>
                  test.mutate(undefined, {
                    onSuccess: ({ deliveryId }) => setSearch({ open: deliveryId }),
                  })
                }
              >
                Send a test
              </Button>
              <Acts
                acts={[
                  {
                    label: found.enabled ? 'Pause' : 'Resume',
                    loading: enable.isPending,
                    run: () => pause(!found.enabled),
                  },
                  { label: 'Change…', run: () => setDialog('change') },
                  { label: 'New secret…', run: () => setDialog('rotate') },
                  { label: 'Remove…', danger: 'outline', run: () => setDialog('remove') },
                ]}
              />
            </>
          )
        }
      >
        <div className={styles.about}>
          {failure !== null && <Failure error={failure} />}
          {found?.disabledReason != null && (
            <Note tone="danger">
              <b>{found.disabledReason}</b> Nothing is sent until you resume it.
            </Note>
          )}
          {found !== undefined && (
            <p className="muted">
              {found.events.includes('*') ? 'Every event is sent.' : `Sent: ${found.events.join(', ')}.`}
              {found.previousSecretUntil !== null &&
                ` The previous secret also signs until ${dateTime(found.previousSecretUntil)}.`}
            </p>
          )}
          {found !== undefined && (
            <div className="row">
              <FilterChips
                fields={FILTERS}
                values={search}
                onChange={(key, value) => setSearch({ [key]: value?.split(',').at(-1), open: undefined })}
              />
            </div>
          )}
        </div>
        {found !== undefined && <Deliveries webhookId={webhookId} />}
      </Page>
      {search['open'] !== undefined && (
        <DeliveryPanel key={search['open']} webhookId={webhookId} deliveryId={search['open']} />
      )}
      {dialog === 'change' && found !== undefined && (
        <WebhookDialog webhook={found} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'rotate' && rotate.data === undefined && (
        <Dialog
          title="Give the webhook a new secret?"
          consequence="For a day, each request carries two signatures, of the new secret and of the previous one: change it in your system within that time."
          act="Make a new secret"
          acting={rotate.isPending}
          error={rotate.error}
          onClose={() => setDialog(undefined)}
          onAct={() => rotate.mutate(undefined)}
        />
      )}
      {dialog === 'rotate' && rotate.data !== undefined && (
        <SecretDialog
          title="The new secret"
          what="secret"
          value={rotate.data.secret}
          onClose={() => {
            setDialog(undefined);
            rotate.reset();
          }}
        >
          <p>The previous one also signs until {dateTime(rotate.data.previousUntil)}.</p>
        </SecretDialog>
      )}
      {dialog === 'remove' && found !== undefined && (
        <Dialog
          title="Remove the webhook?"
          consequence={`Nothing is sent to ${found.url} any more, not even waiting deliveries.`}
          act="Remove the webhook"
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={() => setDialog(undefined)}
          onAct={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                toast('The webhook was removed.');
                void navigate({ to: '/webhooks' as never });
              },
            })
          }
        />
      )}
    </>
  );
}

function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const [search, setSearch] = usePageSearch();
  const state = search['state'] as Delivery['state'] | undefined;
  const list = useInfiniteQuery({
    queryKey: ['webhooks', webhookId, 'deliveries', state],
    refetchInterval: 10_000,
    ...byCursor,
    queryFn: ({ pageParam }) => {
      const query = {
        limit: 100,
        ...(state === undefined ? {} : { state }),
        ...cursorOf(pageParam),
      };
      return dataOf(api.GET('/webhooks/{id}/deliveries', { params: { path: { id: webhookId }, query } }));
    },
  });
  const rows = useRows(list);
  if (list.error !== null) {
    return (
      <div className={styles.failure}>
        <Failure error={list.error} retry={() => void list.refetch()} />
      </div>
    );
  }
  return (
    <DataTable
      caption="What was sent, newest first"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      rowHeight={36}
      loading={list.isPending}
      openKey={search['open']}
      onOpen={({ id }) => setSearch({ open: id })}
      onMore={moreOf(list)}
      empty={
        <Empty title="Nothing was sent">
          Deliveries are kept for a month. Send a test to see whether your system accepts them.
        </Empty>
      }
    />
  );
}

interface Act {
  readonly label: string;
  readonly loading?: boolean;
  readonly danger?: 'outline';
  readonly run: () => void;
}

/** Beside each other; on a phone in a menu. */
function Acts({ acts }: { readonly acts: readonly Act[] }) {
  if (!useNarrow()) {
    return acts.map(({ label, loading = false, danger, run }) => (
      <Button key={label} data-danger={danger} loading={loading} onClick={run}>
        {label}
      </Button>
    ));
  }
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label="More actions" variant="default">
          <IconDots size={16} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {acts.map(({ label, danger, run }) => (
          <Menu.Item key={label} data-danger={danger} onClick={run}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
