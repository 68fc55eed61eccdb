import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { type ClientMetadata, type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { createMemoryAdapter } from './memory-adapter.ts';

/** A user of the provider with their claims. */
export interface TestAccount {
  /** What is typed into the sign-in form. */
  readonly login: string;
  readonly sub: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The real `oidc-provider` on loopback. Its sign-in page is a form with the one field `login`; consent, one without. */
export interface TestOidcProvider {
  readonly issuer: string;
  /** Adds or replaces a client; the defaults are the code flow and RS256. */
  register(client: ClientMetadata): void;
  /** Adds or replaces an account. */
  add(account: TestAccount): void;
  close(): Promise<void>;
}

const CLAIMS = {
  openid: ['sub'],
  email: ['email', 'email_verified'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'groups'],
};

/**
 * Starts one; `close` it in afterAll. The scope email brings the address, profile the rest and groups.
 * @param claimsIn whether claims come with the ID token or only from the userinfo endpoint
 * @param host `localhost` is another site than 127.0.0.1 to a browser
 * @param asksConsent after the sign-in, once for each client and session
 */
export async function startOidcProvider(
  options: {
    readonly accounts?: readonly TestAccount[];
    readonly clients?: readonly ClientMetadata[];
    readonly claimsIn?: 'id_token' | 'userinfo';
    readonly host?: '127.0.0.1' | 'localhost';
    readonly asksConsent?: boolean;
  } = {},
): Promise<TestOidcProvider> {
  const accounts = new Map<string, TestAccount>();
  const clients = new Map<string, ClientMetadata>();
  const register = (client: ClientMetadata) => clients.set(client.client_id, client);
  const add = (account: TestAccount) => accounts.set(account.login, account);
  options.accounts?.forEach(add);
  options.clients?.forEach(register);

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://${options.host ?? '127.0.0.1'}:${(server.address() as AddressInfo).port}`;
  const configuration = await configurationOf(accounts, clients, options.claimsIn ?? 'id_token');
  const provider = new Provider(issuer, {
    ...configuration,
    ...(options.asksConsent ? {} : { loadExistingGrant: consentUnasked }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void interact(provider, accounts, request, response);
    else void answer(request, response);
  });

  return {
    issuer,
    register,
    add,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function configurationOf(
  accounts: ReadonlyMap<string, TestAccount>,
  clients: ReadonlyMap<string, ClientMetadata>,
  claimsIn: 'id_token' | 'userinfo',
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    adapter: createMemoryAdapter((id) => clients.get(id)),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'signing', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { ...CLAIMS, auth_time: null, sid: null },
    conformIdTokenClaims: claimsIn === 'userinfo',
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        // Confirmed by submitting `logout=yes`.
        logoutSource: (context, form) => {
          context.body = form;
        },
        postLogoutSuccessSource: (context) => {
          context.body = 'Signed out.';
        },
      },
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3_600,
      IdToken: 600,
      Interaction: 600,
      Session: 3_600,
    },
    pkce: { required: () => true },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => {
      const account = [...accounts.values()].find(({ sub }) => sub === id);
      return account && { accountId: id, claims: () => ({ ...account.claims, sub: id }) };
    },
    // The library's own rejects loopback.
    fetch: (url, init) => globalThis.fetch(url, init),
  };
}

/** No one is asked. */
async function consentUnasked({ oidc }: KoaContextWithOIDC) {
  const { provider, client, session } = oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grant = newGrant(provider, client.clientId, session.accountId);
  await grant.save();
  return grant;
}

function newGrant(provider: Provider, clientId: string, accountId: string) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope('openid email profile');
  return grant;
}

/** The pages that ask for a sign-in and for consent, and what they lead to. */
async function interact(
  provider: Provider,
  accounts: ReadonlyMap<string, TestAccount>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const consents = prompt.name === 'consent';
  if (request.method === 'GET') {
    const field = consents ? 'consent' : 'login';
    response.setHeader('Content-Type', 'text/html').end(`<form method="post"><input name="${field}"></form>`);
    return;
  }
  if (consents) {
    const grant = newGrant(provider, String(params['client_id']), session?.accountId ?? '');
    const result = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    return;
  }
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const account = accounts.get(new URLSearchParams(body).get('login') ?? '');
  const result =
    account === undefined
      ? { error: 'access_denied', error_description: 'Nobody has this name.' }
      : { login: { accountId: account.sub } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
