import { createRequire } from 'node:module';
import type { RequestHandler } from 'express';

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
  logout(options: Readonly<Record<string, unknown>>): RequestHandler;
}

const samlp = createRequire(import.meta.url)('samlp') as Samlp;

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

/** The logout endpoint of an identity provider of samlp. */
export const logoutEndpoint = (options: Readonly<Record<string, unknown>>): RequestHandler =>
  samlp.logout(options);
