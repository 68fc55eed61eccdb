import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connect, type TLSSocket } from 'node:tls';
import { OutboundError } from './error.ts';

/** Who receives bytes over TLS. Texts are PEM. */
export interface TlsReceiver {
  readonly host: string;
  readonly port: number;
  /** Who must have signed the receiver's certificate, instead of the authorities that the system trusts. */
  readonly ca: string | undefined;
  /** The certificate of this side and its key, for a receiver that asks for one. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** A receiver that closes at once is noticed after one round trip; a handshake is two or more. */
const LEAST_LINGER_MS = 100;
const MOST_LINGER_MS = 2_000;

/**
 * Sends bytes on a connection of their own to one of these addresses, and closes it as RFC 5425 §4.4 says: syslog has no
 * receipts, so what tells that all was read is that the receiver closes after us, and neither before nor with an error.
 * @throws OutboundError what went wrong, for the owner of the receiver
 */
export function sendBytes(
  { host, port, ca, certificate, key }: TlsReceiver,
  addresses: readonly LookupAddress[],
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let closing = false;
    let ended = false;
    let linger: NodeJS.Timeout | undefined;
    let socket: TLSSocket | undefined;
    const settle = (error?: unknown) => {
      clearTimeout(linger);
      signal.removeEventListener('abort', abort);
      socket?.destroy();
      if (error === undefined) resolve();
      else reject(error instanceof OutboundError ? error : describeTlsError(error, host));
    };
    const abort = () => settle(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      socket = connect({
        host,
        port,
        ca,
        cert: certificate,
        key,
        lookup: pinnedLookup(addresses),
        minVersion: 'TLSv1.2',
      });
    } catch (error) {
      settle(error);
      return;
    }
    const sender = socket;
    sender.on('error', settle);
    sender.on('end', () => {
      ended = true;
      if (!closing)
        settle(new OutboundError('failed', 'The receiver closed the connection before it had read all.'));
    });
    sender.on('close', () => {
      settle(ended ? undefined : new OutboundError('failed', 'The connection was cut before it was closed.'));
    });
    sender.once('secureConnect', () => {
      const wait = Math.min(MOST_LINGER_MS, Math.max(LEAST_LINGER_MS, performance.now() - began));
      // What the receiver says is of no use, but has to be read to see it close.
      sender.resume();
      sender.write(bytes, () => {
        linger = setTimeout(() => {
          closing = true;
          sender.end();
        }, wait);
      });
    });
  });
}

/** Answers every question for the host with the addresses that were looked at. */
export function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  const [first] = addresses;
  return (_host, { all }, done) => {
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}

const UNTRUSTED =
  'The certificate of the receiver is not signed by an authority that is trusted here: give its authority as `ca`.';

const CODES: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['CERT_SIGNATURE_FAILURE', UNTRUSTED],
  ['CERT_HAS_EXPIRED', 'The certificate of the receiver has expired: renew it.'],
  ['CERT_NOT_YET_VALID', 'The certificate of the receiver is not valid yet.'],
  ['ECONNREFUSED', 'The connection was refused: nothing listens on this host and port.'],
  ['ECONNRESET', 'The receiver cut the connection before it had read all.'],
  ['EPIPE', 'The receiver cut the connection before it had read all.'],
  ['EHOSTUNREACH', 'The host cannot be reached.'],
  ['ENETUNREACH', 'The host cannot be reached.'],
  ['ETIMEDOUT', 'The host did not answer in time.'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'The receiver does not speak TLS on this port.'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'The receiver does not speak TLS on this port.'],
]);

/** The sentence says what to change, and nothing of our network. */
function describeTlsError(error: unknown, host: string): OutboundError {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const name = typeof code === 'string' ? code : '';
  if (name === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new OutboundError('failed', `The certificate of the receiver is not one of ${host}.`, {
      cause: error,
    });
  }
  if (/ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(name)) {
    const text =
      'The receiver rejected our certificate: give the one that it asks for as `clientCertificate`.';
    return new OutboundError('failed', text, { cause: error });
  }
  const detail = name === '' ? '' : ` (${name})`;
  return new OutboundError('failed', CODES.get(name) ?? `The connection failed${detail}.`, {
    cause: cause ?? error,
  });
}
