import { createRequire } from 'node:module';

/** A request as samlp reads it. */
export interface SamlpRequest {
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body?: Readonly<Record<string, string | undefined>>;
}

/** The part of samlp that tests use: it comes without types. */
interface Samlp {
  parseRequest(
    request: SamlpRequest,
    options: Readonly<Record<string, unknown>>,
    callback: (error: Error | null, data?: Readonly<Record<string, string>>) => void,
  ): void;
  logout(
    options: Readonly<Record<string, unknown>>,
  ): (request: SamlpRequest, response: unknown, next: (error: Error) => void) => void;
}

const require = createRequire(import.meta.url);
const samlp = require('samlp') as Samlp;
const SessionParticipants = require('samlp/lib/sessionParticipants') as new (
  sessions: Participant[],
) => object;

/** What an identity provider of samlp reads in an AuthnRequest. @throws if it is not signed by this certificate */
export function readAuthnRequest(
  request: SamlpRequest,
  signingCert: string,
): Promise<Readonly<Record<string, string>>> {
  const { RelayState: relayState } = request.query;
  return new Promise((resolve, reject) => {
    samlp.parseRequest(request, { signingCert, relayState }, (error, data) =>
      error === null ? resolve(data ?? {}) : reject(error),
    );
  });
}

/** A session that samlp ends at us. */
export interface Participant {
  readonly serviceProviderId: string;
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly sessionIndex: string;
  readonly serviceProviderLogoutURL: string;
  readonly cert: string;
  readonly binding?: string;
}

/** What samlp answers with: where the browser is sent, or the page whose form it posts. */
export type SamlpAnswer = { readonly location: string } | { readonly page: string };

/** The logout endpoint of an identity provider of samlp; `participants` are the sessions that are open. */
export function logoutAtSamlp(
  request: SamlpRequest,
  options: Readonly<Record<string, unknown>>,
  participants: readonly Participant[],
): Promise<SamlpAnswer> {
  const kept = new Map<string, unknown>();
  const store = {
    save: (_: unknown, state: unknown, done: (error: null, key: string) => void) => {
      kept.set(`state-${kept.size}`, state);
      done(null, `state-${kept.size - 1}`);
    },
    load: (_: unknown, key: string, __: unknown, done: (error: null, state: unknown) => void) =>
      done(null, kept.get(key)),
  };
  const sessionParticipants = new SessionParticipants([...participants]);
  return new Promise((resolve, reject) => {
    const response = {
      set: () => undefined,
      redirect: (location: string) => resolve({ location }),
      send: (page: unknown) => resolve({ page: String(page) }),
    };
    samlp.logout({ ...options, store, sessionParticipants })({ body: {}, ...request }, response, reject);
  });
}
