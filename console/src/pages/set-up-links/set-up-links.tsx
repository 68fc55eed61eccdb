import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { SetUpLink } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { type Proof, StepUp } from '../../components/step-up.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './set-up-links.module.css';

interface Props {
  /** What is set up: a connection may have both. */
  readonly of: 'sso' | 'scim';
  readonly connectionId: string;
  readonly connectionName: string;
}

const STATES: Readonly<Record<SetUpLink['state'], readonly [Shape, string]>> = {
  unused: ['ring', 'Not opened yet'],
  in_use: ['disc', 'In use'],
  expired: ['bar', 'Expired'],
  revoked: ['bar', 'Revoked'],
};

const pathOf = (of: 'sso' | 'scim') => `/${of}/connections/{id}/set-up-links` as const;

/** R154: links with which the provider’s administrator sets up this connection without an account. */
export function SetUpLinks({ of, connectionId, connectionName }: Props) {
  const [makes, setMakes] = useState(false);
  const [revoked, setRevoked] = useState<SetUpLink>();
  const { data, error } = useQuery({
    queryKey: ['set-up-links', of, connectionId],
    queryFn: async () => {
      const answer = await dataOf(api.GET(pathOf(of), { params: { path: { id: connectionId } } }));
      return answer.data as SetUpLink[];
    },
  });
  return (
    <Card
      title="Does someone else run the provider?"
      acts={
        <Button
          size="xs"
          leftSection={<IconLink size={14} stroke={1.5} aria-hidden />}
          onClick={() => setMakes(true)}
        >
          Make a set-up link…
        </Button>
      }
    >
      <p className="muted">
        A set-up link opens only this set-up, without an account, for seven days. Whoever has it sees nothing
        else of the organization.
      </p>
      {error !== null && <Failure error={error} />}
      {data !== undefined && data.length > 0 && (
        <ul className={styles.links}>
          {data.map((link) => {
            const [shape, words] = STATES[link.state];
            const works = link.state === 'unused' || link.state === 'in_use';
            return (
              <li key={link.id}>
                <div className="grow">
                  <b dir="auto">{link.label}</b>
                  {link.mayActivate && <span className="muted"> may activate</span>}
                  <p className="small muted">
                    {works ? 'ends ' : 'made '}
                    <Time at={works ? link.expiresAt : link.createdAt} />
                    {link.openedAt !== null && (
                      <>
                        , opened <Time at={link.openedAt} />
                      </>
                    )}
                  </p>
                </div>
                <Status shape={shape}>{words}</Status>
                {works && (
                  <Button
                    size="xs"
                    data-danger="outline"
                    aria-label={`Revoke the link of ${link.label}…`}
                    onClick={() => setRevoked(link)}
                  >
                    Revoke…
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {makes && (
        <Make
          of={of}
          connectionId={connectionId}
          connectionName={connectionName}
          onClose={() => setMakes(false)}
        />
      )}
      {revoked !== undefined && (
        <Revoke of={of} connectionId={connectionId} link={revoked} onClose={() => setRevoked(undefined)} />
      )}
    </Card>
  );
}

function Make({ of, connectionId, connectionName, onClose }: Props & { readonly onClose: () => void }) {
  const [label, setLabel] = useState('');
  const [mayActivate, setMayActivate] = useState(false);
  const [proof, setProof] = useState<Proof>();
  const make = useChange(() => {
    const body = {
      label: label.trim(),
      ...(of === 'sso' ? { mayActivate } : {}),
      ...proof,
    } as { label: string };
    return dataOf(api.POST(pathOf(of), { params: { path: { id: connectionId } }, body }));
  }, [['set-up-links', of, connectionId]]);
  if (make.data !== undefined) {
    return (
      <SecretDialog
        title={`A set-up link for ${label.trim()}`}
        what="link"
        value={make.data.url}
        onClose={onClose}
      >
        <p>
          Send it over a channel that you trust: with it, anyone can set up {connectionName} in your name. It
          works until <Time at={make.data.expiresAt} form="dateTime" />.
        </p>
      </SecretDialog>
    );
  }
  return (
    <Dialog
      title={`Make a set-up link for ${connectionName}`}
      consequence="With it, anyone can set up this connection in your name, without an account. Each step is recorded in the audit trail."
      act="Make the link"
      acting={make.isPending}
      disabled={proof === undefined || label.trim() === ''}
      error={make.error}
      onClose={onClose}
      onAct={() => make.mutate()}
    >
      <TextInput
        label="Who it is for"
        placeholder="Jane Doe, IT"
        value={label}
        maxLength={2_000}
        error={make.error instanceof ApiError ? make.error.about('label') : undefined}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      {of === 'sso' && (
        <Checkbox
          label="They may activate the connection, and change it while it is active"
          checked={mayActivate}
          onChange={(event) => setMayActivate(event.currentTarget.checked)}
        />
      )}
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

function Revoke({
  of,
  connectionId,
  link,
  onClose,
}: {
  readonly of: 'sso' | 'scim';
  readonly connectionId: string;
  readonly link: SetUpLink;
  readonly onClose: () => void;
}) {
  const revoke = useChange(
    () =>
      api.DELETE(`/${of}/connections/{id}/set-up-links/{linkId}` as const, {
        params: { path: { id: connectionId, linkId: link.id } },
      }),
    [['set-up-links', of, connectionId]],
  );
  return (
    <Dialog
      title={`Revoke the set-up link of ${link.label}?`}
      consequence={
        of === 'scim'
          ? 'It stops working with its next request. Tokens that were made with it stay: revoke them separately.'
          : 'It stops working with its next request. What was set up with it stays.'
      }
      act="Revoke the link"
      danger
      acting={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onAct={() =>
        revoke.mutate(undefined, {
          onSuccess: () => {
            toast(`The set-up link of ${link.label} was revoked.`);
            onClose();
          },
        })
      }
    />
  );
}
