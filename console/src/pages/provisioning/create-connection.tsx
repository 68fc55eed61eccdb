import { Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';
import { PROVIDERS, type ProviderKey } from './providers.ts';
import { useConnectionChange } from './use-provisioning.ts';

/** Adds a connection; it provisions no one until the provider has a token of it. */
export function CreateConnection({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [provider, setProvider] = useState<ProviderKey>('okta');
  const [typed, setTyped] = useState<string>();
  const name = typed ?? PROVIDERS[provider].name;
  const create = useConnectionChange(() =>
    dataOf(
      api.POST('/scim/connections', {
        body: {
          name: name.trim(),
          strict: false,
          uniqueEmails: false,
          roleAliases: {},
          holdMassChanges: false,
          dryRun: false,
        },
      }),
    ),
  );
  return (
    <Dialog
      title="Add a connection"
      consequence="It changes nothing until your identity provider has one of its tokens."
      act="Add the connection"
      acting={create.isPending}
      disabled={name.trim() === ''}
      error={create.error instanceof ApiError && create.error.about('name') ? null : create.error}
      onClose={onClose}
      onAct={() =>
        create.mutate(undefined, {
          onSuccess: ({ id }) => {
            toast(`${name.trim()} was added.`);
            void navigate({
              to: '/provisioning/$connectionId',
              params: { connectionId: id },
              search: { tab: 'set-up', provider } as never,
            });
          },
        })
      }
    >
      <Select
        label="Identity provider"
        data={Object.entries(PROVIDERS).map(([value, { name: label }]) => ({ value, label }))}
        value={provider}
        allowDeselect={false}
        onChange={(value) => value !== null && setProvider(value as ProviderKey)}
      />
      <TextInput
        label="Name"
        description="Its name here, and wherever it is shown as a source."
        value={name}
        maxLength={2_000}
        error={create.error instanceof ApiError ? create.error.about('name') : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Dialog>
  );
}
