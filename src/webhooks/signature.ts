import { createHmac } from 'node:crypto';

/**
 * Signs a message as Standard Webhooks 1.0 defines: HMAC-SHA256 of `id.timestamp.body`, a signature for each key, so
 * that a receiver may have either key during a rotation.
 *
 * @param timestamp of the sending, in seconds
 * @returns the value of `webhook-signature`
 */
export function signMessage(keys: readonly Buffer[], id: string, timestamp: number, body: string): string {
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ');
}
