import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Webhook } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { webhookState, webhooksQuery } from './use-webhooks.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import styles from './webhooks.module.css';

/** The systems that are called when something happens. */
export function WebhooksPage() {
  const [search, setSearch] = usePageSearch();
  const navigate = useNavigate();
  const list = useQuery(webhooksQuery);
  const rows = list.data?.data ?? [];
  const columns: readonly Column<Webhook>[] = [
    {
      key: 'url',
      header: 'Address',
      cell: ({ id, url }) => (
        <Link
          to={'/webhooks/$webhookId' as never}
          params={{ webhookId: id } as never}
          className="clamp"
          title={url}
        >
          {url}
        </Link>
      ),
    },
    {
      key: 'events',
      header: 'Events',
      from: 620,
      cell: ({ events }) => (
        <span className="muted" title={events.join(', ')}>
          {events.includes('*') ? 'Everything' : events.join(', ')}
        </span>
      ),
    },
    {
      key: 'created',
      header: 'Added',
      width: 120,
      from: 800,
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    {
      key: 'state',
      header: 'Status',
      width: 140,
      narrow: 100,
      cell: (webhook) => {
        const [shape, word] = webhookState(webhook);
        return <Status shape={shape}>{word}</Status>;
      },
    },
  ];
  const add = (
    <Button
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => setSearch({ make: 'webhook' })}
    >
      Add a webhook
    </Button>
  );
  return (
    <>
      <Page title="Webhooks" fill count={list.data?.total} acts={add}>
        {list.error !== null ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Webhooks"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            loading={list.isPending}
            onOpen={({ id }) =>
              navigate({ to: '/webhooks/$webhookId' as never, params: { webhookId: id } as never })
            }
            empty={
              <Empty title="No webhooks yet" act={add}>
                Rollcall can call your systems when a role changes or a person leaves.
              </Empty>
            }
          />
        )}
      </Page>
      {search['make'] === 'webhook' && <WebhookDialog onClose={() => setSearch({ make: undefined })} />}
    </>
  );
}
