import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { Me, PermissionKey } from '../../api/me.ts';
import type { ApiKey, NewApiKey } from '../../api/schema.d.ts';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import type { FilterField } from '../../components/filter-chips.tsx';
import { PermissionPicker } from '../../components/permission-picker.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { dateTime, Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';

const DAY = 86_400_000;
const STATES: Readonly<Record<ApiKey['state'], readonly [Shape, string]>> = {
  active: ['disc', 'Active'],
  disabled: ['diamond', 'Stopped'],
  expired: ['bar', 'Expired'],
  revoked: ['hollow', 'Revoked'],
};
const LIFETIMES = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '1 year'],
  ['never', 'It never expires'],
] as const;

/** The filter by how long keys, or all keys of an account, were not used. */
export const UNUSED_FILTER: FilterField = {
  key: 'unusedDays',
  label: 'Not used for',
  one: true,
  options: ['30', '90', '180'].map((days) => ({ value: days, label: `${days} days` })),
};

export function KeyState({ state }: Pick<ApiKey, 'state'>) {
  const [shape, word] = STATES[state];
  return <Status shape={shape}>{word}</Status>;
}

/** What lists of keys show of each. */
export const KEY_COLUMNS: readonly Column<ApiKey>[] = [
  {
    key: 'name',
    header: 'Name',
    cell: ({ name }) => (
      <b className="clamp" dir="auto" title={name}>
        {name}
      </b>
    ),
  },
  {
    key: 'scopes',
    header: 'Permissions',
    from: 620,
    cell: ({ scopes }) => (
      <span className="muted" title={scopes.join(', ')}>
        {scopes.join(', ')}
      </span>
    ),
  },
  {
    key: 'used',
    header: 'Last used',
    width: 120,
    from: 760,
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
  },
  {
    key: 'expires',
    header: 'Expires',
    width: 130,
    from: 900,
    cell: ({ expiresAt }) => <Time at={expiresAt} />,
  },
  { key: 'state', header: 'Status', width: 110, narrow: 94, cell: ({ state }) => <KeyState state={state} /> },
];

/** Revokes a key of a person; one's own in one's own name, since no administrator is their own. */
export const revokeKey = (me: Me, user: string, key: string) =>
  user === me.user.id
    ? dataOf(api.DELETE('/me/api-keys/{id}', { params: { path: { id: key } } }))
    : dataOf(api.DELETE('/users/{id}/api-keys/{keyId}', { params: { path: { id: user, keyId: key } } }));

/** Asks before a key is revoked. */
export function RevokeKeyDialog({
  apiKey,
  holder,
  revoke,
  revoking,
  error,
  onClose,
}: {
  readonly apiKey: Pick<ApiKey, 'id' | 'name'>;
  /** Whose it is, where it is not one's own. */
  readonly holder?: string;
  readonly revoke: (onDone: () => void) => void;
  readonly revoking: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={`Revoke the key ${apiKey.name}${holder === undefined ? '' : ` of ${holder}`}?`}
      consequence="What uses it is refused from now on. This cannot be undone, but another key can be made."
      act={`Revoke ${apiKey.name}`}
      danger
      acting={revoking}
      error={error}
      onClose={onClose}
      onAct={() =>
        revoke(() => {
          onClose();
          toast(`${apiKey.name} was revoked.`);
        })
      }
    />
  );
}

export interface NewKey {
  readonly name: string;
  readonly scopes: PermissionKey[];
  readonly expiresAt?: string;
}

/** Makes a key, and shows its token this once. */
export function MakeKeyDialog({
  consequence,
  make,
  making,
  error,
  onClose,
}: {
  readonly consequence: string;
  readonly make: (key: NewKey, onMade: (made: NewApiKey) => void) => void;
  readonly making: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<PermissionKey[]>([]);
  const [lifetime, setLifetime] = useState<string>('90');
  const [made, setMade] = useState<NewApiKey>();
  const refusal = error instanceof ApiError ? error : undefined;
  if (made !== undefined) {
    return (
      <SecretDialog title={`The key ${made.name}`} what="token" value={made.token} onClose={onClose}>
        <p>
          Send it as <code>Authorization: Bearer …</code>.{' '}
          {made.expiresAt === null
            ? 'It works until it is revoked.'
            : `It works until ${dateTime(made.expiresAt)}.`}
        </p>
      </SecretDialog>
    );
  }
  return (
    <Dialog
      title="Make an API key"
      consequence={consequence}
      act="Make the key"
      acting={making}
      disabled={name.trim() === '' || scopes.length === 0}
      error={refusal?.errors.length ? undefined : error}
      onClose={onClose}
      onAct={() =>
        make(
          {
            name: name.trim(),
            scopes,
            ...(lifetime === 'never'
              ? {}
              : { expiresAt: new Date(Date.now() + Number(lifetime) * DAY).toISOString() }),
          },
          setMade,
        )
      }
    >
      <TextInput
        label="Name"
        description="What will use it."
        value={name}
        maxLength={200}
        error={refusal?.about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PermissionPicker
        label="Permissions"
        description="The fewer, the less a lost key can do."
        value={scopes}
        onChange={setScopes}
        error={refusal?.about('scopes')}
      />
      <Select
        label="Works for"
        data={LIFETIMES.map(([value, label]) => ({ value, label }))}
        value={lifetime}
        allowDeselect={false}
        error={refusal?.about('expiresAt')}
        onChange={(value) => setLifetime(value ?? '90')}
      />
    </Dialog>
  );
}
