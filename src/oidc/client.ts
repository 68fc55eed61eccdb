import type { KeyObject, X509Certificate } from 'node:crypto';
import type { OidcMetadata } from './metadata.ts';

/** A connection to one provider, and this application as that provider knows it. */
export interface OidcClient {
  /** The connection's id: the provider's keys are held per connection. */
  readonly connectionId: string;
  readonly metadata: OidcMetadata;
  readonly clientId: string;
  readonly auth: ClientAuthentication;
  /** `openid` is asked for, listed or not. */
  readonly scopes: readonly string[];
}

/** How the token endpoint knows that it is us (OpenID Connect Core 1.0 §9). */
export type ClientAuthentication =
  | {
      readonly method: 'private_key_jwt';
      /** RSA, private, of this connection alone. */
      readonly key: KeyObject;
      readonly kid: string;
      /** For Entra, which knows keys by certificate: its thumbprints go into the header. */
      readonly certificate?: X509Certificate;
      /**
       * Whom the assertion is for. `token_endpoint` unless told: Okta and Entra take nothing else. As no two
       * connections share a key, an assertion that a provider asked for is of no use at another.
       */
      readonly audience?: 'token_endpoint' | 'issuer';
    }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string };
