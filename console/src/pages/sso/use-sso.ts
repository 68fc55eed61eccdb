import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { SsoConnection, SsoConnectionSummary, SsoTrace } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';

/** Settings of a connection over SAML. */
export type SamlSettings = Extract<SsoConnection['settings'], { entityId: string }>;
/** Settings of a connection over OpenID Connect. */
export type OidcSettings = Extract<SsoConnection['settings'], { issuer: string }>;

export const isSaml = (settings: SsoConnection['settings']): settings is SamlSettings =>
  'entityId' in settings;

export const ssoConnectionsQuery = queryOptions({
  queryKey: ['sso', 'connections'],
  queryFn: async () => (await dataOf(api.GET('/sso/connections'))).data as SsoConnectionSummary[],
});

export const path = (id: string) => ({ params: { path: { id } } });

export const ssoConnectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['sso', 'connections', id],
    queryFn: async () => (await dataOf(api.GET('/sso/connections/{id}', path(id)))) as SsoConnection,
  });

const WAITING_MS = 2_000;

/** What came of the last test; while one is waited for, it is asked every two seconds. */
export const testResultQuery = (id: string, waiting = false) =>
  queryOptions({
    queryKey: ['sso', 'connections', id, 'test-result'],
    queryFn: async () =>
      (await dataOf(api.GET('/sso/connections/{id}/test-result', path(id)))) as SsoTrace | null,
    refetchInterval: waiting ? WAITING_MS : false,
  });

/**
 * A change of a connection: everything that is shown of connections is asked for again.
 * @param onDone happens even if the form that began it has been replaced by then
 */
export function useSsoChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  onDone: (output: Output, input: Input) => void = () => {},
) {
  return useChange(change, [['sso'], ['provisioning'], ['alerts'], ['attention'], ['audit']], onDone);
}

/** What a change is made to: a later one of someone else makes it fail instead of being lost. */
export const at = ({ id, version }: SsoConnection) => ({
  params: { path: { id }, header: { 'If-Match': `"${version}"` } },
});

/** Whether all is there that a sign-in needs to begin. */
export const isComplete = ({ settings, certificates, hasClientSecret }: SsoConnection): boolean =>
  isSaml(settings)
    ? settings.entityId !== '' && settings.ssoUrl !== '' && certificates.length > 0
    : settings.issuer !== '' &&
      settings.clientId !== '' &&
      (settings.clientAuth === 'private_key_jwt' || hasClientSecret);

const DAY_MS = 86_400_000;

/** The certificate that ends first, in days; undefined without one. */
export function daysLeft({ certificates }: SsoConnection): number | undefined {
  const ends = certificates.map(({ notAfter }) => Date.parse(notAfter));
  return ends.length === 0 ? undefined : Math.floor((Math.min(...ends) - Date.now()) / DAY_MS);
}
