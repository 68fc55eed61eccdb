import { type FieldDescription, ID, TIME } from './description.ts';

const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** Fields of the audit trail and its seals. */
export const AUDIT_DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = {
  actor: ['Who did it.'],
  attributes: ['Names of personal attributes that changed; their values are not recorded.'],
  digest: ['SHA-256, in hexadecimal.', DIGEST],
  event: ['The id of the event.', ID],
  firstAt: ['The time of the first event.', TIME],
  firstBad: ['The first thing that is not as it was sealed; null if everything is.'],
  last: ['The newest seal that was verified; null if there is none.'],
  lastAt: ['The time of the last event.', TIME],
  leaf: ['The digest of the entry as a leaf of the tree, in hexadecimal.', DIGEST],
  n: ['The number of the seal, from 1.', 1],
  path: ['The siblings from the leaf up to the root.'],
  problem: ['What is wrong with it.', 'changed'],
  proofs: ['A proof for each event that is sealed.'],
  root: ['The root of the tree, in hexadecimal.', DIGEST],
  seal: ['The seal that covers it.', 1],
  sealedAt: ['When it was sealed.', TIME],
  sessionId: ['The session in which it was done; null without one.', ID],
  side: ['On which side of the digest so far it stands.', 'left'],
  values: ['Values before and after, by name.'],
  ca: [
    'Who must have signed the certificate of the receiver, as PEM; null for public authorities.',
    '-----BEGIN CERTIFICATE-----\n…',
  ],
  clientCertificate: [
    'What Rollcall shows to a receiver that asks for a certificate, as PEM.',
    '-----BEGIN CERTIFICATE-----\n…',
  ],
  clientKey: ['The key of clientCertificate, as PEM. It is never shown.', '-----BEGIN PRIVATE KEY-----\n…'],
  deliveredEvent: [
    'The last event that was delivered; null before the first.',
    '01a227d8-4f90-7a28-92fa-c60091000000',
  ],
  deliveredEventAt: ['When that event happened.', '2026-11-28T09:30:00.000Z'],
  failures: ['Attempts that failed since the last delivery.', 0],
  host: ['Where the receiver is: a host name or an IP address.', 'syslog.example.com'],
  moreWaiting: ['Whether more than these wait.', false],
  port: ['Its port; 6514 is that of syslog over TLS.', 6514],
  retryAt: ['When the next attempt is due.', '2026-11-28T09:35:00.000Z'],
  waitingSince: ['When the first event that waits happened.', '2026-11-28T09:30:00.000Z'],
};
