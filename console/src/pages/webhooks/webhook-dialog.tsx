import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { Webhook, WebhookCreateRequest } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { EventPicker } from '../../components/event-picker.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { toast } from '../../components/toast.tsx';
import { SPECIAL_EVENTS, useWebhookChange } from './use-webhooks.ts';

/** Adds a webhook, with its secret shown once, or changes one. */
export function WebhookDialog({
  webhook,
  onClose,
}: {
  readonly webhook?: Webhook;
  readonly onClose: () => void;
}) {
  const [url, setUrl] = useState(webhook?.url ?? 'https://');
  const [events, setEvents] = useState<readonly string[]>(webhook?.events ?? []);
  const [secret, setSecret] = useState<string>();
  const save = useWebhookChange(async () => {
    const body = { url: url.trim(), events: events as WebhookCreateRequest['events'] };
    if (webhook === undefined) return (await dataOf(api.POST('/webhooks', { body }))).secret;
    await dataOf(api.PATCH('/webhooks/{id}', { params: { path: { id: webhook.id } }, body }));
    return undefined;
  });
  const error = save.error instanceof ApiError ? save.error : undefined;
  if (secret !== undefined) {
    return (
      <SecretDialog title="The webhook was added" what="secret" value={secret} onClose={onClose}>
        <p>
          Each request carries a signature that is made with it: verify it before you trust what a request
          says.
        </p>
      </SecretDialog>
    );
  }
  return (
    <Dialog
      title={webhook === undefined ? 'Add a webhook' : 'Change the webhook'}
      consequence="Your system is called with each event as it happens, and again for up to three days until it answers 2xx."
      act={webhook === undefined ? 'Add the webhook' : 'Save the webhook'}
      acting={save.isPending}
      disabled={events.length === 0 || url.trim().length < 9}
      error={error?.errors.length ? undefined : save.error}
      onClose={onClose}
      onAct={() =>
        save.mutate(undefined, {
          onSuccess: (made) => {
            if (made !== undefined) return setSecret(made);
            toast('The webhook was saved.');
            onClose();
          },
        })
      }
    >
      <TextInput
        label="Address"
        description="An https address that this server can reach."
        type="url"
        value={url}
        maxLength={2_000}
        error={error?.about('url')}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <EventPicker
        label="Events"
        first={SPECIAL_EVENTS}
        value={events}
        onChange={setEvents}
        error={error?.about('events')}
      />
    </Dialog>
  );
}
