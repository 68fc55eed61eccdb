import { Button, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { SsoConnection } from '../../api/schema.d.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Card } from '../../components/card.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { SmallTable } from '../../components/small-table.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './sso.module.css';
import { Countdown } from './sso-page.tsx';
import { at, isSaml, useSsoChange } from './use-sso.ts';

const DAY_MS = 86_400_000;
type Certificate = SsoConnection['certificates'][number];
type Key = SsoConnection['keys'][number];

/** The provider's certificates with their countdown, and our own keys. */
export function CertificatesTab({ connection }: { readonly connection: SsoConnection }) {
  return (
    <div className={styles.padded}>
      <div className="stack" style={{ gap: 18 }}>
        {isSaml(connection.settings) && <Certificates connection={connection} />}
        <Keys connection={connection} />
      </div>
    </div>
  );
}

function Certificates({ connection }: { readonly connection: SsoConnection }) {
  const [adds, setAdds] = useState(false);
  const [removed, setRemoved] = useState<Certificate>();
  const { certificates } = connection;
  return (
    <Card
      title="Certificates of the provider"
      beside="What it signs with"
      flush
      acts={<Button onClick={() => setAdds(true)}>Add a certificate…</Button>}
    >
      {certificates.length === 0 ? (
        <p className="muted" style={{ padding: 14 }}>
          None yet. They come with the provider’s metadata, or are added here.
        </p>
      ) : (
        <SmallTable
          caption="Certificates of the provider"
          headers={['Certificate', 'Ends', 'Countdown', 'Last used', 'From', '']}
          inCard
        >
          {certificates.map((each) => (
            <tr key={each.fingerprint}>
              <td>
                <code title={each.fingerprint}>{each.fingerprint.slice(0, 12)}…</code>
                <p className="muted small">{each.subject}</p>
              </td>
              <td>
                <Time at={each.notAfter} form="date" />
              </td>
              <td>
                <Countdown days={Math.floor((Date.parse(each.notAfter) - Date.now()) / DAY_MS)} />
              </td>
              <td>
                <Time at={each.lastUsedAt} />
              </td>
              <td>{each.source === 'metadata' ? 'Metadata' : 'Added by hand'}</td>
              <td>
                <div className="row" style={{ justifyContent: 'end' }}>
                  <CopyButton value={each.pem} what="the certificate" />
                  <ActionButton
                    size="xs"
                    danger="outline"
                    lockedBecause={
                      connection.state === 'active' && certificates.length === 1
                        ? 'It is the last one: without it no sign-in can be verified. Add the next one first.'
                        : undefined
                    }
                    onClick={() => setRemoved(each)}
                  >
                    Remove…
                  </ActionButton>
                </div>
              </td>
            </tr>
          ))}
        </SmallTable>
      )}
      {adds && <AddCertificate connection={connection} onClose={() => setAdds(false)} />}
      {removed !== undefined && (
        <RemoveCertificate
          connection={connection}
          certificate={removed}
          onClose={() => setRemoved(undefined)}
        />
      )}
    </Card>
  );
}

function AddCertificate({
  connection,
  onClose,
}: {
  readonly connection: SsoConnection;
  readonly onClose: () => void;
}) {
  const [certificate, setCertificate] = useState('');
  const add = useSsoChange(() =>
    dataOf(
      api.POST('/sso/connections/{id}/certificates', {
        ...at(connection),
        body: { certificate } as never,
      }),
    ),
  );
  return (
    <Dialog
      title="Trust a certificate of the provider"
      consequence="In addition to those already trusted. Add the next one before the provider begins to use it."
      act="Trust the certificate"
      acting={add.isPending}
      disabled={certificate.trim() === ''}
      error={add.error instanceof ApiError && add.error.errors.length > 0 ? null : add.error}
      onClose={onClose}
      onAct={() =>
        add.mutate(undefined, {
          onSuccess: () => {
            toast('The certificate is trusted.');
            onClose();
          },
        })
      }
    >
      <Textarea
        label="Certificate"
        description="PEM, as the provider offers it for download."
        minRows={6}
        maxRows={12}
        value={certificate}
        error={add.error instanceof ApiError ? add.error.errors[0]?.message : undefined}
        onChange={(event) => setCertificate(event.currentTarget.value)}
      />
    </Dialog>
  );
}

function RemoveCertificate({
  connection,
  certificate,
  onClose,
}: {
  readonly connection: SsoConnection;
  readonly certificate: Certificate;
  readonly onClose: () => void;
}) {
  const { fingerprint } = certificate;
  const remove = useSsoChange(() => {
    const { params } = at(connection);
    return dataOf(
      api.DELETE('/sso/connections/{id}/certificates/{fingerprint}', {
        params: { ...params, path: { id: connection.id, fingerprint } },
      }),
    );
  });
  return (
    <Dialog
      title={`Stop trusting the certificate ${fingerprint.slice(0, 8)}…?`}
      consequence="Sign-ins that the provider signs with its key are refused from now on."
      act="Remove the certificate"
      danger
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            toast('The certificate was removed.');
            onClose();
          },
        })
      }
    >
      <p>
        Last used: <Time at={certificate.lastUsedAt} never="never" />
      </p>
    </Dialog>
  );
}

const USES = { signing: 'Signing', encryption: 'Encryption' } as const;
const OVERLAPS = [
  { value: '24', label: 'for 1 day' },
  { value: '168', label: 'for 7 days' },
  { value: '720', label: 'for 30 days' },
];

function Keys({ connection }: { readonly connection: SsoConnection }) {
  const [rotates, setRotates] = useState<Key['use']>();
  const retire = useSsoChange((key: string) =>
    dataOf(api.DELETE('/sso/connections/{id}/keys/{key}', { params: { path: { id: connection.id, key } } })),
  );
  const { keys } = connection;
  const uses = [...new Set(keys.map(({ use }) => use))];
  return (
    <Card
      title="Our keys"
      beside="Rollcall signs requests with them, and decrypts"
      flush
      acts={uses.map((use) => (
        <ActionButton
          key={use}
          lockedBecause={
            keys.some((key) => key.use === use && key.retiresAt !== null)
              ? 'The previous one has not retired yet. Retire it first.'
              : undefined
          }
          onClick={() => setRotates(use)}
        >
          Rotate the {use} key…
        </ActionButton>
      ))}
    >
      {retire.error !== null && <Failure error={retire.error} />}
      <SmallTable caption="Our keys" headers={['For', 'Made', 'State', '']} inCard>
        {keys.map((key) => (
          <tr key={key.id}>
            <td>{USES[key.use]}</td>
            <td>
              <Time at={key.createdAt} form="date" />
            </td>
            <td>
              {key.retiresAt === null ? (
                'In use'
              ) : (
                <>
                  Retires <Time at={key.retiresAt} />
                </>
              )}
            </td>
            <td>
              <div className="row" style={{ justifyContent: 'end' }}>
                <CopyButton value={key.certificate} what={`the ${key.use} certificate`} />
                {key.retiresAt !== null && (
                  <Button
                    size="xs"
                    loading={retire.isPending}
                    onClick={() =>
                      retire.mutate(key.id, {
                        onSuccess: () => toast(`The ${key.use} key was retired.`),
                      })
                    }
                  >
                    Retire it now
                  </Button>
                )}
              </div>
            </td>
          </tr>
        ))}
      </SmallTable>
      {rotates !== undefined && (
        <RotateKey connection={connection} use={rotates} onClose={() => setRotates(undefined)} />
      )}
    </Card>
  );
}

function RotateKey({
  connection,
  use,
  onClose,
}: {
  readonly connection: SsoConnection;
  readonly use: Key['use'];
  readonly onClose: () => void;
}) {
  const [overlap, setOverlap] = useState('168');
  const rotate = useSsoChange(() =>
    dataOf(
      api.POST('/sso/connections/{id}/keys/rotate', {
        ...at(connection),
        body: { use, overlapHours: Number(overlap) },
      }),
    ),
  );
  return (
    <Dialog
      title={`Rotate the ${use} key?`}
      consequence={
        use === 'signing'
          ? 'Both keys are published, and the previous one keeps signing until it retires: give the provider the new one before then.'
          : 'The new key is published, and both decrypt until the previous one retires.'
      }
      act="Rotate the key"
      acting={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onAct={() =>
        rotate.mutate(undefined, {
          onSuccess: () => {
            toast(`There is a new ${use} key. Give it to the provider.`);
            onClose();
          },
        })
      }
    >
      <Select
        label="The previous key stays"
        data={OVERLAPS}
        value={overlap}
        allowDeselect={false}
        onChange={(value) => setOverlap(value ?? '168')}
      />
    </Dialog>
  );
}
