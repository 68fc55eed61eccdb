import { Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { AuditStream } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './audit.module.css';

const STATES: Readonly<Record<AuditStream['state'], readonly [Shape, string]>> = {
  current: ['disc', 'Current'],
  behind: ['diamond', 'Behind'],
  failing: ['square', 'Failing'],
  paused: ['ring', 'Paused'],
};

function useStreamChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['audit']]);
}

/** Where else the audit trail is sent while it is written: syslog over TLS. */
export function StreamsTab() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const streams = useQuery({
    queryKey: ['audit', 'streams'],
    refetchInterval: 15_000,
    queryFn: () => dataOf(api.GET('/audit/streams')),
  });
  const rows = streams.data?.data ?? [];
  const lock = me.may('webhooks:manage') ? undefined : NO_PERMISSION;
  const add = (
    <ActionButton
      variant="filled"
      lockedBecause={lock}
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => setSearch({ stream: 'new' })}
    >
      Add a stream
    </ActionButton>
  );
  const edited = rows.find(({ id }) => id === search['stream']);
  return (
    <div className={styles.scroll}>
      <div className={styles.narrow}>
        <div className="row wrap">
          <p className="muted grow" style={{ flexBasis: 260 }}>
            Each event is sent to your SIEM as syslog over TLS as it happens, in order, and repeated until it
            is accepted.
          </p>
          {rows.length > 0 && add}
        </div>
        {streams.error !== null && <Failure error={streams.error} retry={() => void streams.refetch()} />}
        {streams.data !== undefined && rows.length === 0 && (
          <Empty title="The audit trail is kept only here" act={add}>
            A stream sends each event to a syslog receiver, such as a SIEM, where no one who can reach this
            database can change it.
          </Empty>
        )}
        {rows.length > 0 && (
          <Card title="Streams" flush>
            <ul>
              {rows.map((stream) => (
                <Stream
                  key={stream.id}
                  stream={stream}
                  lock={lock}
                  onEdit={() => setSearch({ stream: stream.id })}
                />
              ))}
            </ul>
          </Card>
        )}
      </div>
      {search['stream'] === 'new' && <StreamDialog onClose={() => setSearch({ stream: undefined })} />}
      {edited !== undefined && (
        <StreamDialog key={edited.id} stream={edited} onClose={() => setSearch({ stream: undefined })} />
      )}
    </div>
  );
}

function Stream({
  stream,
  lock,
  onEdit,
}: {
  readonly stream: AuditStream;
  readonly lock: string | undefined;
  readonly onEdit: () => void;
}) {
  const [removing, setRemoving] = useState(false);
  const params = { path: { id: stream.id } };
  const test = useStreamChange(() => dataOf(api.POST('/audit/streams/{id}/test', { params })));
  const enable = useStreamChange((enabled: boolean) =>
    dataOf(api.PATCH('/audit/streams/{id}', { params, body: { enabled } })),
  );
  const remove = useStreamChange(() => dataOf(api.DELETE('/audit/streams/{id}', { params })));
  const failure = test.error ?? enable.error;
  const pause = (enabled: boolean) =>
    enable.mutate(enabled, {
      onSuccess: () =>
        toast(`${stream.name} was ${enabled ? 'resumed' : 'paused'}.`, () => enable.mutate(!enabled)),
    });
  return (
    <li className={styles.stream}>
      <div className="grow" style={{ minWidth: 220 }}>
        <b dir="auto">{stream.name}</b>{' '}
        <span className="muted small">
          {stream.host}:{stream.port} · {stream.format === 'ocsf' ? 'OCSF' : 'JSON'}
        </span>
        <br />
        <span className="muted small">
          {stream.sentence} {stream.deliveredAt !== null && 'Delivered '}
          {stream.deliveredAt !== null && <Time at={stream.deliveredAt} />}
        </span>
      </div>
      <Status shape={STATES[stream.state][0]}>{STATES[stream.state][1]}</Status>
      <div className="row wrap">
        <ActionButton
          size="xs"
          lockedBecause={lock}
          loading={test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          Send a test
        </ActionButton>
        <ActionButton size="xs" lockedBecause={lock} onClick={() => pause(!stream.enabled)}>
          {stream.enabled ? 'Pause' : 'Resume'}
        </ActionButton>
        <ActionButton size="xs" lockedBecause={lock} onClick={onEdit}>
          Change…
        </ActionButton>
        <ActionButton size="xs" danger="outline" lockedBecause={lock} onClick={() => setRemoving(true)}>
          Remove…
        </ActionButton>
      </div>
      {failure !== null && (
        <div style={{ width: '100%' }}>
          <Failure error={failure} />
        </div>
      )}
      {test.data !== undefined && (
        <div style={{ width: '100%' }}>
          <Note tone={test.data.delivered ? 'success' : 'danger'} role="status">
            {test.data.sentence}
          </Note>
        </div>
      )}
      {removing && (
        <Dialog
          title={`Remove the stream ${stream.name}?`}
          consequence="Events are no longer sent there. What was sent stays there; waiting events are not sent."
          act={`Remove ${stream.name}`}
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={() => setRemoving(false)}
          onAct={() => remove.mutate(undefined, { onSuccess: () => toast(`${stream.name} was removed.`) })}
        />
      )}
    </li>
  );
}

function StreamDialog({ stream, onClose }: { readonly stream?: AuditStream; readonly onClose: () => void }) {
  const [name, setName] = useState(stream?.name ?? '');
  const [host, setHost] = useState(stream?.host ?? '');
  const [port, setPort] = useState(String(stream?.port ?? 6514));
  const [format, setFormat] = useState<AuditStream['format']>(stream?.format ?? 'json');
  const [ca, setCa] = useState(stream?.ca ?? '');
  const [certificate, setCertificate] = useState(stream?.clientCertificate ?? '');
  const [key, setKey] = useState('');
  const [from, setFrom] = useState<'now' | 'oldest'>('now');
  const save = useStreamChange(() => {
    const pem = (text: string) => text.trim() || null;
    const body = {
      name: name.trim(),
      host: host.trim(),
      port: Number(port),
      format,
      ca: pem(ca),
      clientCertificate: pem(certificate),
      ...(key.trim() === '' ? {} : { clientKey: key.trim() }),
    };
    return stream === undefined
      ? dataOf(api.POST('/audit/streams', { body: { ...body, from } }))
      : dataOf(api.PATCH('/audit/streams/{id}', { params: { path: { id: stream.id } }, body }));
  });
  const error = save.error instanceof ApiError ? save.error : undefined;
  const input = (path: string, set: (value: string) => void) => ({
    error: error?.about(path),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      set(event.currentTarget.value),
  });
  return (
    <Dialog
      title={stream === undefined ? 'Add an audit stream' : `Change ${stream.name}`}
      consequence="The receiver gets every event from then on, with names and addresses in it: choose one that may have them."
      act={stream === undefined ? 'Add the stream' : 'Save the stream'}
      acting={save.isPending}
      disabled={name.trim() === '' || host.trim() === ''}
      error={error?.errors.length ? undefined : save.error}
      onClose={onClose}
      onAct={() =>
        save.mutate(undefined, {
          onSuccess: () => {
            toast(`${name.trim()} was ${stream === undefined ? 'added' : 'saved'}.`);
            onClose();
          },
        })
      }
    >
      <TextInput label="Name" value={name} maxLength={200} {...input('name', setName)} />
      <div className="row" style={{ alignItems: 'start' }}>
        <TextInput
          className="grow"
          label="Host"
          description="The receiver needs a certificate for this name."
          placeholder="siem.example.com"
          value={host}
          maxLength={255}
          {...input('host', setHost)}
        />
        <TextInput
          w={100}
          label="Port"
          description="Usually 6514"
          inputMode="numeric"
          value={port}
          {...input('port', setPort)}
        />
      </div>
      <Select
        label="Format"
        data={[
          { value: 'json', label: 'JSON, as GET /audit answers it' },
          { value: 'ocsf', label: 'OCSF' },
        ]}
        value={format}
        allowDeselect={false}
        onChange={(value) => setFormat(value ?? 'json')}
      />
      {stream === undefined && (
        <Select
          label="Begin with"
          data={[
            { value: 'now', label: 'What happens from now on' },
            { value: 'oldest', label: 'The oldest event that is kept' },
          ]}
          value={from}
          allowDeselect={false}
          onChange={(value) => setFrom(value ?? 'now')}
        />
      )}
      <Textarea
        label="Certificate authority"
        description="PEM; only where the receiver’s certificate is not publicly trusted."
        value={ca}
        {...input('ca', setCa)}
      />
      <Textarea
        label="Certificate of this client"
        description="PEM; only where the receiver asks for one."
        value={certificate}
        {...input('clientCertificate', setCertificate)}
      />
      {certificate.trim() !== '' && (
        <Textarea
          label="Its private key"
          description={
            stream === undefined ? 'PEM; it is kept encrypted.' : 'Leave empty to keep the present one.'
          }
          value={key}
          {...input('clientKey', setKey)}
        />
      )}
    </Dialog>
  );
}
