import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../../api/client.ts';
import { NO_PERMISSION, useMe } from '../../../api/me.ts';
import type { ScimConnection } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Card } from '../../../components/card.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { Tag } from '../../../components/tag.tsx';
import { Time } from '../../../components/time.tsx';
import styles from '../provisioning.module.css';
import { MassChangeBand } from './mass-change-band.tsx';
import { undosQuery } from './undo-queries.ts';
import { UndoView } from './undo-view.tsx';
import { usePreview } from './use-preview.ts';

const MINUTE_MS = 60_000;
const SPANS = [
  { value: '15', label: 'the last 15 minutes' },
  { value: '60', label: 'the last hour' },
  { value: '1440', label: 'the last day' },
  { value: 'own', label: 'a time that you choose…' },
];

/** Takes back what the connection changed in a span of time: chosen, previewed, confirmed. */
export function UndoTab({ connection }: { readonly connection: ScimConnection }) {
  const [search] = usePageSearch();
  const id = search['undo'];
  return (
    <>
      {id === undefined && <MassChangeBand connection={connection} />}
      <div className={styles.padded}>
        {id === undefined ? (
          <div className={styles.columns}>
            <Choose connection={connection} />
            <Earlier connection={connection} />
          </div>
        ) : (
          <UndoView undoId={id} />
        )}
      </div>
    </>
  );
}

/** @returns a time as `<input type="datetime-local">` takes it, in the reader's zone */
function local(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

function Choose({ connection }: { readonly connection: ScimConnection }) {
  const me = useMe();
  const [, setSearch] = usePageSearch();
  const [span, setSpan] = useState('60');
  const [from, setFrom] = useState(() => local(Date.now() - 60 * MINUTE_MS));
  const [to, setTo] = useState(() => local(Date.now()));
  const preview = usePreview();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const now = Date.now();
    const [begin, end] =
      span === 'own'
        ? [Date.parse(from), Date.parse(to) + MINUTE_MS - 1]
        : [now - Number(span) * MINUTE_MS, now];
    preview.mutate(
      {
        connectionId: connection.id,
        from: new Date(begin).toISOString(),
        to: new Date(end).toISOString(),
      },
      { onSuccess: ({ id }) => setSearch({ undo: id }, { replace: false }) },
    );
  };
  const about = (path: string) => (preview.error instanceof ApiError ? preview.error.about(path) : undefined);
  const isBeside = about('from') !== undefined || about('to') !== undefined;
  return (
    <Card title="Undo what this connection did">
      <form className="stack" onSubmit={submit}>
        <p className="muted">
          People, groups, memberships and roles come back as they were. What someone else changed since stays
          and is listed. You see the preview first: nothing changes before you confirm it.
        </p>
        {preview.error !== null && !isBeside && <Failure error={preview.error} />}
        <Select
          label="What it did in"
          data={SPANS}
          value={span}
          allowDeselect={false}
          onChange={(value) => setSpan(value ?? '60')}
        />
        {span === 'own' && (
          <div className="row wrap" style={{ alignItems: 'start' }}>
            <TextInput
              className="grow"
              type="datetime-local"
              label="From"
              value={from}
              error={about('from')}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              className="grow"
              type="datetime-local"
              label="To"
              value={to}
              error={about('to')}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          </div>
        )}
        <div className="row">
          <ActionButton
            type="submit"
            variant="filled"
            loading={preview.isPending}
            lockedBecause={me.may('users:manage') ? undefined : NO_PERMISSION}
          >
            Show the preview
          </ActionButton>
        </div>
      </form>
    </Card>
  );
}

function Earlier({ connection }: { readonly connection: ScimConnection }) {
  const me = useMe();
  const { data, error } = useQuery({
    ...undosQuery(connection.id),
    enabled: me.may('users:manage'),
  });
  return (
    <Card title="Earlier undos" flush={data !== undefined && data.length > 0}>
      {error !== null && <Failure error={error} />}
      {data?.length === 0 && <p className="muted">None for this connection.</p>}
      {data !== undefined && data.length > 0 && (
        <ul className={styles.list}>
          {data.map((undo) => (
            <li key={undo.id}>
              <div className="row">
                <Link to="." search={{ tab: 'undo', undo: undo.id } as never} className="grow">
                  <Time at={undo.batch.from} form="dateTime" /> to <Time at={undo.batch.to} form="clock" />
                </Link>
                {undo.state === 'running' ? (
                  <Tag tone="accent">
                    {undo.progress.done} of {undo.progress.total}
                  </Tag>
                ) : (
                  <Tag tone={undo.counts.failed > 0 ? 'danger' : 'success'}>
                    {undo.counts.undo.toLocaleString('en-GB')} undone
                  </Tag>
                )}
              </div>
              <p className="muted small">
                by <bdi>{undo.createdBy === null ? 'a deleted user' : nameOf(undo.createdBy)}</bdi>,{' '}
                <Time at={undo.confirmedAt} />
              </p>
            </li>
          ))}
        </ul>
      )}
      {!me.may('users:manage') && <p className="muted">{NO_PERMISSION}</p>}
    </Card>
  );
}
