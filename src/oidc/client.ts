import type { KeyObject, X509Certificate } from 'node:crypto';
import type { OidcMetadata } from './metadata.ts';

/** A connection to one provider, and this application as that provider knows it. */
export interface OidcClient {
  /** The connection's id: the provider's keys are held per connection. */
  readonly connectionId: string;
  readonly metadata: OidcMetadata;
  readonly clientId: string;
  readonly auth: ClientAuthentication;
  /** `openid` is always requested. */
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
       * The audience of the assertion. Default `token_endpoint`, the only one that Okta and Entra accept. No
       * two connections share a key, so an assertion for one provider is useless at another.
       */
      readonly audience?: 'token_endpoint' | 'issuer';
    }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string };
