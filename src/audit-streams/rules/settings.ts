import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What secures a stream; texts are PEM, null where there is none. */
export interface StreamTls {
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What is wrong with the certificates of a stream, in one sentence. @returns undefined if nothing is */
export function tlsProblem({ ca, certificate, key }: StreamTls): string | undefined {
  if (ca !== null && readAll(ca) === undefined) return 'ca must be certificates as PEM.';
  if (certificate === null && key === null) return undefined;
  if (certificate === null) return 'A clientKey needs its clientCertificate.';
  if (key === null) return 'A clientCertificate needs its clientKey.';
  const [own] = readAll(certificate) ?? [];
  if (own === undefined) return 'clientCertificate must be a certificate as PEM, the own one first.';
  try {
    return own.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : 'clientKey is not the key of clientCertificate.';
  } catch {
    return 'clientKey must be a private key as PEM, without a password.';
  }
}

function readAll(pem: string): readonly X509Certificate[] | undefined {
  const found = pem.match(CERTIFICATE);
  if (found === null) return undefined;
  try {
    return found.map((each) => new X509Certificate(each));
  } catch {
    return undefined;
  }
}
