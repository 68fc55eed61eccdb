import { Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { SSO_GUIDES, type SsoGuideKey } from './sso-providers.ts';
import { useSsoChange } from './use-sso.ts';

/** Begins a draft: it affects no one. */
export function CreateSsoConnection({
  first,
  scimConnection,
  onClose,
}: {
  /** The provider that is chosen at first, if it is one. */
  readonly first: string | undefined;
  /** A connection over SCIM to which single sign-on is added. */
  readonly scimConnection: string | undefined;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const [key, setKey] = useState<SsoGuideKey>(
    first !== undefined && Object.hasOwn(SSO_GUIDES, first) ? (first as SsoGuideKey) : 'okta',
  );
  const [typed, setTyped] = useState<string>();
  const guide = SSO_GUIDES[key];
  const name = typed ?? guide.name.replace(/ \(.*\)$/, '');
  const create = useSsoChange(() => {
    const { protocol, provider } = guide;
    const shared = {
      name: name.trim(),
      provider,
      ...(scimConnection === undefined ? {} : { connectionId: scimConnection }),
    };
    return dataOf(api.POST('/sso/connections', { body: { ...shared, protocol } as never }));
  });
  return (
    <Dialog
      title="Connect a provider"
      consequence="It starts as a draft, which affects no one. You activate it once a test has passed."
      act="Create the draft"
      acting={create.isPending}
      disabled={name.trim() === ''}
      error={create.error instanceof ApiError && create.error.about('name') ? null : create.error}
      onClose={onClose}
      onAct={() =>
        create.mutate(undefined, {
          onSuccess: ({ id }) =>
            void navigate({ to: '/single-sign-on/$connectionId', params: { connectionId: id } }),
        })
      }
    >
      <Select
        label="Identity provider"
        data={Object.entries(SSO_GUIDES).map(([value, { name: label }]) => ({ value, label }))}
        value={key}
        allowDeselect={false}
        maxDropdownHeight={340}
        onChange={(value) => value !== null && setKey(value as SsoGuideKey)}
      />
      <TextInput
        label="Name"
        description="People see it on the sign-in page."
        value={name}
        maxLength={2_000}
        error={create.error instanceof ApiError ? create.error.about('name') : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Dialog>
  );
}
