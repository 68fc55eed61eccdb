import { Button, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { CopyButton } from '../../components/copy.tsx';
import dialog from '../../components/dialog.module.css';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Time } from '../../components/time.tsx';
import { instantOf, localInput, notBefore } from '../../components/time-chip.tsx';
import type { Span } from './history.ts';

interface Props {
  /** `new`, or the id of one that is being made or is ready. */
  readonly bundle: string;
  readonly span: Span;
  /** Since when history is complete. */
  readonly since: string;
  readonly onBundle: (id: string) => void;
  readonly onClose: () => void;
}

/** A signed file for an auditor: asked for, made in the background, downloaded. */
export function BundleDialog({ bundle, ...props }: Props) {
  return bundle === 'new' ? <Ask {...props} /> : <Progress id={bundle} onClose={props.onClose} />;
}

function Ask({ span, since, onBundle, onClose }: Omit<Props, 'bundle'>) {
  const [what, setWhat] = useState<'difference' | 'state'>('difference');
  const [from, setFrom] = useState(localInput(span.from));
  const [asOf, setAsOf] = useState(localInput(span.to));
  const make = useMutation({
    mutationFn: () => {
      const [begin, end] = [notBefore(since, instantOf(from)), notBefore(since, instantOf(asOf))];
      return dataOf(
        api.POST('/history/bundles', {
          body: {
            ...(end === undefined ? {} : { asOf: end }),
            ...(what === 'state' || begin === undefined ? {} : { from: begin }),
          },
        }),
      );
    },
  });
  return (
    <Dialog
      title="Make a bundle for an auditor"
      consequence="A signed zip: who had which access, what changed, who approved it, and the sealed events. It can be verified without this server."
      act="Make the bundle"
      acting={make.isPending}
      error={make.error}
      aside="It is recorded in the audit trail."
      onClose={onClose}
      onAct={() => make.mutate(undefined, { onSuccess: ({ id }) => onBundle(id) })}
    >
      <SegmentedControl
        aria-label="What it holds"
        data={[
          { value: 'difference', label: 'A period with its changes' },
          { value: 'state', label: 'A point in time' },
        ]}
        value={what}
        onChange={setWhat}
      />
      {what === 'difference' && (
        <TextInput
          type="datetime-local"
          label="From"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
      )}
      <TextInput
        type="datetime-local"
        label={what === 'difference' ? 'Until' : 'As of'}
        description="Leave empty for now"
        value={asOf}
        onChange={(event) => setAsOf(event.currentTarget.value)}
      />
    </Dialog>
  );
}

const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

function Progress({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { data, error } = useQuery({
    queryKey: ['history', 'bundles', id],
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1_500 : false),
    queryFn: () => dataOf(api.GET('/history/bundles/{id}', { params: { path: { id } } })),
  });
  const key = useQuery({
    queryKey: ['history', 'signing-key'],
    queryFn: () => dataOf(api.GET('/history/signing-key')),
  });
  return (
    <Modal opened onClose={onClose} title="Bundle for an auditor">
      <div className={dialog.body}>
        {error !== null && <Failure error={error} />}
        {data?.state === 'running' && (
          <Note role="status">
            The bundle is being made. You can close this: the address leads back to it.
          </Note>
        )}
        {data?.state === 'failed' && (
          <Note tone="danger" role="alert">
            {data.error ?? 'It could not be made.'}
          </Note>
        )}
        {data?.state === 'done' && (
          <>
            <Note tone="success" role="status">
              It is ready, until <Time at={data.expiresAt} form="dateTime" />.
            </Note>
            <dl className="facts">
              <dt>Covers</dt>
              <dd>
                {data.from !== null && (
                  <>
                    <Time at={data.from} form="dateTime" /> to{' '}
                  </>
                )}
                <Time at={data.asOf} form="dateTime" />
              </dd>
              <dt>Size</dt>
              <dd>{data.bytes === null ? '–' : megabytes(data.bytes)}</dd>
              {data.sha256 !== null && (
                <>
                  <dt>SHA-256</dt>
                  <dd className="row">
                    <code>{data.sha256}</code>
                    <CopyButton value={data.sha256} what="SHA-256 of the file" />
                  </dd>
                </>
              )}
              {key.data !== undefined && (
                <>
                  <dt>Signing key</dt>
                  <dd className="row">
                    <code>{key.data.fingerprint}</code>
                    <CopyButton value={key.data.fingerprint} what="fingerprint of the signing key" />
                  </dd>
                </>
              )}
            </dl>
            <p className="small muted">
              <code>rollcall history verify FILE</code> verifies it. Send the auditor the fingerprint
              separately from the file.
            </p>
          </>
        )}
      </div>
      <div className={dialog.footer}>
        <span className="grow" />
        <Button onClick={onClose}>Close</Button>
        {data?.state === 'done' && (
          <Button
            component="a"
            href={`/api/v1/history/bundles/${id}/file`}
            download
            variant="filled"
            leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
          >
            Download the bundle
          </Button>
        )}
      </div>
    </Modal>
  );
}
