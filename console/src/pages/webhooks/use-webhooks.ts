import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { Webhook } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import type { Shape } from '../../components/status.tsx';

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks', 'list'],
  queryFn: () => dataOf(api.GET('/webhooks')),
});

/** A change of webhooks or deliveries: what is shown of them is asked for again. */
export function useWebhookChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['webhooks']]);
}

/** @returns how a webhook is, by shape and word */
export function webhookState({ enabled, disabledReason, failedAt }: Webhook): readonly [Shape, string] {
  if (!enabled) return disabledReason === null ? ['ring', 'Paused'] : ['square', 'Switched off'];
  return failedAt === null ? ['disc', 'Active'] : ['diamond', 'Failing'];
}

/** What can be sent beside the events of the audit trail. */
export const SPECIAL_EVENTS = [
  ['*', 'Everything.'],
  ['permissions.changed', 'What a user may do has changed, for whatever reason. For caches of permissions.'],
] as const;
