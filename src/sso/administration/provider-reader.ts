import { DomainError, type DomainErrorCode } from '../../directory/errors.ts';
import type { RelyingParty } from '../../oidc/relying-party.ts';
import { type Outbound, OutboundError } from '../../platform/http-client/http-client.ts';
import { MetadataError, type ReadCertificate, readCertificate } from '../../saml/certificates.ts';
import { readMetadata } from '../../saml/provider-metadata.ts';
import { makeServiceProviderKey } from '../../saml/service-provider.ts';
import type { ProviderDescription } from '../rules/metadata-refresh.ts';
import { SsoError } from '../sso-error.ts';

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

/** What administration asks of the protocols. Every failure is a DomainError with a sentence for the administrator. */
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

interface ProviderReaderDependencies {
  readonly outbound: Outbound;
  readonly relyingParty: RelyingParty;
  readonly now: () => Date;
  /** Whether providers may be in private networks. */
  readonly allowPrivate: boolean;
}

const MAX_METADATA = 1024 * 1024;
const TIMEOUT_MS = 5_000;

/** @returns a reader whose requests leave through `outbound` */
export function createProviderReader({
  outbound,
  relyingParty,
  now,
  allowPrivate,
}: ProviderReaderDependencies): ProviderReader {
  return {
    readMetadata: (xml, entityId) => {
      const read = translateConstraints('invalid_metadata', () =>
        readMetadata(xml, { entityId, now: now(), allowPrivate }),
      );
      const { ssoUrl, ssoBinding, sloUrl, sloBinding, sloResponseUrl } = read;
      const { certificates, validUntil, cacheDuration } = read;
      return {
        entityId: read.entityId,
        ssoUrl,
        ssoBinding,
        sloUrl,
        sloBinding,
        sloResponseUrl,
        certificates: certificates.map(presentCertificate),
        leftOut: read.leftOut,
        wantsSignedRequests: read.wantAuthnRequestsSigned,
        validUntil: validUntil?.toISOString(),
        cacheDuration,
      };
    },

    fetchMetadata: async (url, etag) => {
      const problem = outbound.urlProblem(url, true);
      if (problem !== undefined) throw new DomainError('invalid_address', problem);
      try {
        const answer = await outbound.fetchFollowing(url, {
          headers: {
            Accept: 'application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1',
            ...(etag === undefined ? {} : { 'If-None-Match': etag }),
          },
          maxBytes: MAX_METADATA,
          httpsOnly: true,
          timeoutMs: TIMEOUT_MS,
        });
        if (answer.status === 304 && etag !== undefined) return undefined;
        if (answer.status !== 200) {
          throw new DomainError(
            'invalid_metadata',
            `The metadata address answered ${answer.status} instead of 200. It must show XML without a sign-in.`,
          );
        }
        return { xml: textOf(answer.body), etag: answer.headers.get('etag') };
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        throw new DomainError(
          'invalid_metadata',
          `The metadata could not be fetched. ${error.message} If only your browser can reach it, give the document instead.`,
        );
      }
    },

    checkIssuer: async (issuer) => {
      const problem = outbound.urlProblem(issuer, true);
      if (problem !== undefined) throw new DomainError('invalid_provider', problem);
      try {
        await relyingParty.discover(issuer);
      } catch (error) {
        if (!(error instanceof SsoError)) throw error;
        throw new DomainError('invalid_provider', error.message);
      }
    },

    readCertificate: (text) =>
      presentCertificate(translateConstraints('invalid_certificate', () => readCertificate(text))),

    makeKey: (use) => makeServiceProviderKey(use, now()),
  };
}

/** Metadata is read as UTF-8, whatever it declares; a byte order mark is dropped. */
function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new DomainError('invalid_metadata', 'The metadata is not UTF-8.');
  }
}

function presentCertificate({
  pem,
  fingerprint,
  subject,
  notBefore,
  notAfter,
}: ReadCertificate): ProviderCertificate {
  return {
    pem,
    fingerprint,
    subject,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

function translateConstraints<Result>(code: DomainErrorCode, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof MetadataError) throw new DomainError(code, error.message);
    throw error;
  }
}
