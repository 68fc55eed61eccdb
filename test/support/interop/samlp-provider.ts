import { createPublicKey, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Party } from '../saml/party.ts';
import type { Participant } from '../saml/samlp.ts';

/** A user of the provider with their attributes. */
export interface SamlpAccount {
  readonly login: string;
  readonly email: string;
  readonly displayName: string;
  readonly groups: readonly string[];
}

/** The registered service provider. */
export interface SamlpClient {
  readonly acsUrl: string;
  readonly sloUrl: string;
  readonly entityId: string;
  /** PEM: its requests must be signed with it. */
  readonly signing: string;
  /** PEM */
  readonly encryption: string;
}

/** Identity provider of the package `samlp` in an Express app. Its sign-in page is a form with the one field `login`. */
export interface SamlpProvider {
  readonly metadata: string;
  readonly sloUrl: string;
  /** How it issues from now on, in samlp's own words; `encrypted` is ours. */
  wishes: Readonly<Record<string, unknown>> & { readonly encrypted?: boolean };
  client: SamlpClient | undefined;
  /** By which binding it sends messages of single logout. */
  logoutBinding: 'redirect' | 'post';
  close(): Promise<void>;
}

interface Samlp {
  auth(options: object): RequestHandler;
  logout(options: object): RequestHandler;
  metadata(options: object): RequestHandler;
  parseRequest(
    request: Request,
    options: object,
    done: (error: Error | null, data?: { readonly forceAuthn?: string }) => void,
  ): void;
}

const require = createRequire(import.meta.url);
const samlp = require('samlp') as Samlp;
const SessionParticipants = require('samlp/lib/sessionParticipants') as new (list: Participant[]) => object;

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const BINDINGS = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};

/** A session at the provider, by its cookie. */
interface Session {
  readonly account: SamlpAccount;
  readonly index: string;
  readonly participants: Participant[];
}

/** Starts one on `localhost`, which to a browser is another site than 127.0.0.1; `close` it in afterAll. */
export async function startSamlpProvider(
  party: Party,
  accounts: readonly SamlpAccount[],
): Promise<SamlpProvider> {
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const own: SamlpProvider = {
    metadata: `${origin}/metadata`,
    sloUrl: `${origin}/slo`,
    wishes: {},
    client: undefined,
    logoutBinding: 'redirect',
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  mount(app, own, accounts, { issuer: `${origin}/metadata`, ...signerOf(party) });
  return own;
}

const signerOf = (party: Party) => ({
  cert: party.certificatePem,
  key: party.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  signatureAlgorithm: 'rsa-sha256',
  digestAlgorithm: 'sha256',
});

function mount(
  app: Express,
  own: SamlpProvider,
  accounts: readonly SamlpAccount[],
  common: Readonly<Record<string, unknown>>,
): void {
  const sessions = new Map<string, Session>();
  const kept = new Map<string, unknown>();
  const sessionOf = (request: Request) =>
    sessions.get(/\bidp=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '');

  app.use(express.urlencoded({ extended: false }), (request, _response, next) => {
    request.body ??= {};
    next();
  });

  const endpoints = { redirectEndpointPath: '/sso', postEndpointPath: '/sso' };
  app.get(
    '/metadata',
    samlp.metadata({ ...common, ...endpoints, logoutEndpointPaths: { redirect: '/slo', post: '/slo' } }),
  );

  app.all('/sso', (request, response, next) => {
    const { client } = own;
    const fields = { ...request.query, ...request.body } as Record<string, string>;
    const options = { signingCert: client?.signing, relayState: fields['RelayState'] };
    samlp.parseRequest(request, options, (error, data) => {
      if (error !== null && error !== undefined) return next(error);
      const { login, ...message } = fields;
      const account = accounts.find((each) => each.login === login);
      let session = data?.forceAuthn === 'true' ? undefined : sessionOf(request);
      if (account !== undefined) {
        const id = randomUUID();
        session = { account, index: `_${randomUUID()}`, participants: [] };
        sessions.set(id, session);
        // Logout in a form of another site has to bring it along.
        response.cookie('idp', id, { httpOnly: true, sameSite: 'none', secure: true });
      }
      if (session === undefined) return void sendLogin(response, request.method, message);
      if (client !== undefined) session.participants.splice(0, 1, participantOf(client, session, own));
      samlp.auth(answerOptions(common, own, session))(request, response, next);
    });
  });

  app.all('/slo', (request, response, next) => {
    const session = sessionOf(request);
    const options = {
      ...common,
      deflate: true,
      protocolBinding: BINDINGS[own.logoutBinding],
      sessionParticipants: new SessionParticipants(session?.participants ?? []),
      clearIdPSession: (done: () => void) => {
        for (const [id, each] of sessions) if (each === session) sessions.delete(id);
        done();
      },
      store: {
        save: (_: unknown, state: unknown, done: (error: null, key: string) => void) => {
          const key = randomUUID();
          kept.set(key, state);
          done(null, key);
        },
        load: (_: unknown, key: string, __: unknown, done: (error: null, state: unknown) => void) =>
          done(null, kept.get(key)),
      },
    };
    samlp.logout(options)(request, response, next);
  });
}

function answerOptions(
  common: Readonly<Record<string, unknown>>,
  { client, wishes }: SamlpProvider,
  { account, index }: Session,
): object {
  const { encrypted = false, ...more } = wishes;
  return {
    ...common,
    audience: client?.entityId,
    recipient: client?.acsUrl,
    destination: client?.acsUrl,
    signingCert: client?.signing,
    getPostURL: (
      _audience: string,
      _dom: unknown,
      _request: Request,
      done: (e: null, url?: string) => void,
    ) => done(null, client?.acsUrl),
    getUserFromRequest: () => ({
      id: account.email,
      displayName: account.displayName,
      name: {},
      emails: [{ value: account.email }],
      groups: account.groups,
    }),
    nameIdentifierFormat: EMAIL,
    sessionIndex: index,
    lifetimeInSeconds: 300,
    ...(encrypted && client !== undefined ? encryptionTo(client.encryption) : {}),
    ...more,
  };
}

const encryptionTo = (certificate: string) => ({
  encryptionCert: certificate,
  encryptionPublicKey: createPublicKey(certificate).export({ type: 'spki', format: 'pem' }),
  encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
});

const participantOf = (
  { entityId, sloUrl, signing }: SamlpClient,
  { account, index }: Session,
  { logoutBinding }: SamlpProvider,
): Participant => ({
  serviceProviderId: entityId,
  nameId: account.email,
  nameIdFormat: EMAIL,
  sessionIndex: index,
  serviceProviderLogoutURL: sloUrl,
  cert: signing,
  binding: BINDINGS[logoutBinding],
});

/** The page keeps the request that it interrupts. */
function sendLogin(response: Response, method: string, message: Readonly<Record<string, string>>): void {
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const inputs = Object.entries(message).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  response.send(
    `<form method="${method}" action="/sso">${inputs.join('')}<input name="login"><button>Sign in</button></form>`,
  );
}
