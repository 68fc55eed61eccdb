import { randomBytes } from 'node:crypto';
import type { SecretBox } from '../platform/secret-box.ts';

/** What begins a secret of Standard Webhooks; the rest is base64 of 24 to 64 bytes. */
const PREFIX = 'whsec_';
const BYTES = 32;

/** Sealed for its own webhook: moved into the row of another it does not open. */
export const webhookPurpose = (webhook: string): string => `webhook ${webhook}`;

export function makeWebhookSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

export function sealWebhookSecret(seal: SecretBox, webhook: string, secret: string): string {
  return seal.seal(secret, webhookPurpose(webhook));
}

/** @returns the bytes that sign @throws Error if the secret key is another now */
export function openWebhookKey(seal: SecretBox, webhook: string, sealed: string): Buffer {
  return Buffer.from(seal.open(sealed, webhookPurpose(webhook)).slice(PREFIX.length), 'base64');
}
