import type { ProviderDescription } from '../rules/metadata-refresh.ts';

/** An identity provider as its SAML metadata describes it. Times are ISO 8601. */
export interface ProviderMetadata extends ProviderDescription<ProviderCertificate> {
  /** Why further certificates of the provider are not trusted: sentences. */
  readonly leftOut: readonly string[];
  readonly wantsSignedRequests: boolean;
  readonly validUntil: string | undefined;
  /** In seconds: how long it may be kept. */
  readonly cacheDuration: number | undefined;
}

/** A certificate with which a provider signs. */
export interface ProviderCertificate {
  readonly pem: string;
  /** SHA-256 of the DER, in lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** A key of ours for one connection. */
export interface MadeKey {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/**
 * What the directory asks of those who speak the protocols (src/sso); `composition.ts` joins them. Every method
 * throws a Rejection with a sentence for the administrator.
 */
export interface ProviderReader {
  /** @param entityId which one, of metadata that describes several @throws DomainError `invalid_metadata` */
  readMetadata(xml: string, entityId: string | undefined): ProviderMetadata;
  /**
   * Fetches metadata from an address, https and public.
   * @param etag of the last answer
   * @returns undefined if nothing has changed since @throws DomainError `invalid_metadata`, `invalid_address`
   */
  fetchMetadata(
    url: string,
    etag: string | undefined,
  ): Promise<{ readonly xml: string; readonly etag: string | undefined } | undefined>;
  /** Checks that an OpenID Connect provider is there and describes itself. @throws DomainError `invalid_provider` */
  checkIssuer(issuer: string): Promise<void>;
  /** @param text PEM, or base64 of the DER @throws DomainError `invalid_certificate` */
  readCertificate(text: string): ProviderCertificate;
  makeKey(use: 'signing' | 'encryption'): Promise<MadeKey>;
}
