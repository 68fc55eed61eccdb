import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { ScimConnection, ScimToken } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { SecretDialog } from '../../../components/secret-dialog.tsx';
import { type Proof, StepUp } from '../../../components/step-up.tsx';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { PROVIDERS, providerOf } from '../providers.ts';
import { useConnectionChange } from '../use-provisioning.ts';

const DAY_MS = 86_400_000;
const ENDS = [
  { value: '365', label: 'in one year' },
  { value: '180', label: 'in 180 days' },
  { value: '90', label: 'in 90 days' },
  { value: 'date', label: 'on a day…' },
  { value: 'never', label: 'never' },
] as const;

/** When a new token ends: a number of days, a day, or never. */
function useEnd() {
  const [kind, setKind] = useState<string>('365');
  const [day, setDay] = useState('');
  const expiresAt =
    kind === 'never'
      ? {}
      : kind === 'date'
        ? { expiresAt: day }
        : { expiresAt: new Date(Date.now() + Number(kind) * DAY_MS).toISOString() };
  return { kind, setKind, day, setDay, expiresAt, complete: kind !== 'date' || day !== '' };
}

function EndFields({ end, error }: { readonly end: ReturnType<typeof useEnd>; readonly error: unknown }) {
  return (
    <div className="row wrap" style={{ alignItems: 'start' }}>
      <Select
        className="grow"
        label="It ends"
        data={[...ENDS]}
        value={end.kind}
        allowDeselect={false}
        onChange={(value) => end.setKind(value ?? '365')}
      />
      {end.kind === 'date' && (
        <TextInput
          className="grow"
          type="date"
          label="Day"
          value={end.day}
          error={error instanceof ApiError ? error.about('expiresAt') : undefined}
          onChange={(event) => end.setDay(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

interface Issued extends ScimToken {
  readonly token: string;
  readonly previousUntil?: string;
}

/** Shows a token that was just issued. */
function NewToken({
  connection,
  calledThere,
  issued,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly calledThere: string;
  readonly issued: Issued;
  readonly onClose: () => void;
}) {
  return (
    <SecretDialog
      title={`A token for ${connection.name}`}
      what="token"
      value={issued.token}
      onClose={onClose}
    >
      <p>
        Enter it in the identity provider as {calledThere}, without the word Bearer.{' '}
        {issued.expiresAt === null ? (
          'It works until you revoke it.'
        ) : (
          <>
            It works until <Time at={issued.expiresAt} form="date" />; an alert opens beforehand.
          </>
        )}
      </p>
      {issued.previousUntil !== undefined && (
        <p className="muted">
          The previous token keeps working until <Time at={issued.previousUntil} form="dateTime" />.
        </p>
      )}
    </SecretDialog>
  );
}

/** Issues a token: it asks who one is, and shows the token once. */
export function IssueToken({
  connection,
  calledThere = PROVIDERS[providerOf(undefined, connection.name)].token,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly calledThere?: string;
  readonly onClose: () => void;
}) {
  const end = useEnd();
  const [proof, setProof] = useState<Proof>();
  const issue = useConnectionChange(() =>
    dataOf(
      api.POST('/scim/connections/{id}/tokens', {
        params: { path: { id: connection.id } },
        body: { ...end.expiresAt, ...proof },
      }),
    ),
  );
  if (issue.data !== undefined) {
    return (
      <NewToken
        connection={connection}
        calledThere={calledThere}
        issued={issue.data as Issued}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog
      title={`Issue a token for ${connection.name}`}
      consequence="It gives full access to SCIM: keep it like a password."
      act="Issue the token"
      acting={issue.isPending}
      disabled={proof === undefined || !end.complete}
      error={issue.error}
      onClose={onClose}
      onAct={() => issue.mutate(undefined)}
    >
      <EndFields end={end} error={issue.error} />
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

const OVERLAPS = [
  { value: '0', label: 'it stops at once' },
  { value: '1', label: 'for 1 hour' },
  { value: '24', label: 'for 24 hours' },
  { value: '72', label: 'for 3 days' },
  { value: '168', label: 'for 7 days' },
  { value: '720', label: 'for 30 days' },
];

/** Puts another token in the place of one, which goes on working for a while. */
export function RotateToken({
  connection,
  token,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly token: ScimToken;
  readonly onClose: () => void;
}) {
  const end = useEnd();
  const [overlap, setOverlap] = useState('24');
  const [proof, setProof] = useState<Proof>();
  const rotate = useConnectionChange(() =>
    dataOf(
      api.POST('/scim/connections/{id}/tokens/{tokenId}/rotate', {
        params: { path: { id: connection.id, tokenId: token.id } },
        body: { overlapHours: Number(overlap), ...end.expiresAt, ...proof },
      }),
    ),
  );
  if (rotate.data !== undefined) {
    return (
      <NewToken
        connection={connection}
        calledThere={PROVIDERS[providerOf(undefined, connection.name)].token}
        issued={rotate.data as Issued}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog
      title={`Rotate the token that ends in ${token.last4 ?? '????'}?`}
      consequence="You get a new token. Both work for a while, so that nothing is missed while you enter the new one."
      act="Rotate the token"
      acting={rotate.isPending}
      disabled={proof === undefined || !end.complete}
      error={rotate.error}
      onClose={onClose}
      onAct={() => rotate.mutate(undefined)}
    >
      <Select
        label="The previous token keeps working"
        data={OVERLAPS}
        value={overlap}
        allowDeselect={false}
        onChange={(value) => setOverlap(value ?? '24')}
      />
      <EndFields end={end} error={rotate.error} />
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

export function RevokeToken({
  connection,
  token,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly token: ScimToken;
  readonly onClose: () => void;
}) {
  const name = token.last4 ?? '????';
  const revoke = useConnectionChange(() =>
    api.DELETE('/scim/connections/{id}/tokens/{tokenId}', {
      params: { path: { id: connection.id, tokenId: token.id } },
    }),
  );
  return (
    <Dialog
      title={`Revoke the token that ends in ${name}?`}
      consequence={
        connection.tokenCount === 1
          ? 'It is the only one: from now on, the identity provider cannot send anything.'
          : 'Requests with it are refused from now on.'
      }
      act="Revoke the token"
      danger
      acting={revoke.isPending}
      error={revoke.error}
      aside="This cannot be undone. Rotate it to change it without a gap."
      onClose={onClose}
      onAct={() =>
        revoke.mutate(undefined, {
          onSuccess: () => {
            toast(`The token that ends in ${name} was revoked.`);
            onClose();
          },
        })
      }
    >
      <p>
        Last used: <Time at={token.lastUsedAt} never="never" />
      </p>
    </Dialog>
  );
}
