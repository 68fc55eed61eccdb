import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { ScimConnection, ScimHealth } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import type { Shape } from '../../components/status.tsx';
import { clockTime, duration } from '../../components/time.tsx';

export const connectionsQuery = queryOptions({
  queryKey: ['provisioning', 'connections'],
  queryFn: async () => (await dataOf(api.GET('/scim/connections'))).data as ScimConnection[],
});

const path = (id: string) => ({ params: { path: { id } } });

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['provisioning', 'connections', id],
    queryFn: async () => (await dataOf(api.GET('/scim/connections/{id}', path(id)))) as ScimConnection,
  });

const REFRESH_MS = 10_000;

export const healthQuery = (id: string) =>
  queryOptions({
    queryKey: ['provisioning', 'connections', id, 'health'],
    queryFn: async () => (await dataOf(api.GET('/scim/connections/{id}/health', path(id)))) as ScimHealth,
    refetchInterval: REFRESH_MS,
  });

/** A change of a connection: everything that is shown of connections is asked for again. */
export function useConnectionChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['provisioning'], ['sso'], ['alerts'], ['attention'], ['audit']]);
}

/** The share of failures, and how many of them, from which a connection counts as degraded: one or two say little. */
const DEGRADED = { share: 0.02, failed: 3 };
const DAY_MS = 86_400_000;

/** How a connection is, by shape and words. */
export function conditionOf(
  connection: ScimConnection,
  health: ScimHealth | undefined,
): readonly [Shape, string] {
  if (health === undefined) return ['hollow', '…'];
  const { lastRequestAt, failingSince, failed, requests, silent } = health;
  if (lastRequestAt === null) {
    if (connection.tokenCount > 0) return ['ring', 'Waiting for the first request'];
    return ['hollow', connection.signsOn ? 'Sign-in only' : 'Not connected: no token'];
  }
  if (connection.tokenCount === 0) return ['square', 'No token works'];
  if (connection.dryRunSince !== null) return ['ring', 'Dry run: writes nothing'];
  if (failingSince !== null) return ['square', `Failing since ${clockTime(failingSince)}`];
  if (silent) return ['diamond', `Silent for ${duration(Date.now() - Date.parse(lastRequestAt))}`];
  if (failed >= DEGRADED.failed && failed >= requests * DEGRADED.share)
    return ['diamond', 'Some requests fail'];
  return ['disc', 'Working'];
}

/** @returns `in 30 d` and whether that is soon */
export const endsSoon = (at: string): boolean => Date.parse(at) - Date.now() < 30 * DAY_MS;

/** Where the roles of a connection's people come from, in a word. */
export const ROLE_SOURCES: Readonly<Record<ScimConnection['roleSource'], string>> = {
  app: 'Rollcall',
  scim_roles: 'Directory',
  idp_groups: 'Its groups',
};
