import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';
import type { ConnectionId, OrgId, UserId } from '../directory/ids.ts';
import { idOfName } from '../platform/ids.ts';

const connection = { target: 'sso_connection' } as const;
const ofConnection = <const Type extends 'sso_certificate' | 'sso_key' | 'sso_domain'>(target: Type) =>
  ({ target, member: 'sso_connection' }) as const;
const identity = {
  target: 'identity',
  member: 'user',
  values: { connection: z.string(), by: z.string(), role: z.string() },
} as const;
const anyFields = z.record(z.string(), z.unknown());

/** What happens to single sign-on; of the parts of a connection the other party is the connection. */
export const ssoEvents = declareEvents({
  'sso_connection.created': {
    ...connection,
    values: { protocol: z.string(), provider: z.string() },
    sentence: '{actor} added {target}',
    meaning: 'An SSO connection was added.',
  },
  'sso_connection.updated': {
    ...connection,
    attributes: true,
    values: anyFields,
    sentence: '{actor} changed {target}[: {attributes}][: {values}]',
    meaning: 'The settings of an SSO connection changed.',
  },
  'sso_connection.tested': {
    ...connection,
    sentence: '{actor} tested {target} with success',
    meaning: 'A test login through an SSO connection succeeded.',
  },
  'sso_connection.activated': {
    ...connection,
    values: { state: z.string() },
    sentence: '{actor} activated {target}',
    meaning: 'Users can sign in through an SSO connection.',
  },
  'sso_connection.switched_off': {
    ...connection,
    values: { state: z.string() },
    sentence: '{actor} switched {target} off',
    meaning: 'Users can no longer sign in through an SSO connection.',
  },
  'sso_connection.deleted': {
    ...connection,
    values: { state: z.string() },
    sentence: '{actor} deleted {target}',
    meaning: 'An SSO connection was deleted.',
  },
  'sso_certificate.added': {
    ...ofConnection('sso_certificate'),
    values: { fingerprint: z.string(), source: z.string() },
    sentence: '{actor} added a certificate of the provider to {member}[: {fingerprint}]',
    meaning: 'A certificate of a provider is trusted.',
  },
  'sso_certificate.removed': {
    ...ofConnection('sso_certificate'),
    values: { fingerprint: z.string() },
    sentence: '{actor} removed a certificate of the provider from {member}[: {fingerprint.before}]',
    meaning: 'A certificate of a provider is no longer trusted.',
  },
  'sso_key.added': {
    ...ofConnection('sso_key'),
    values: { use: z.string(), overlapHours: z.number() },
    sentence: '{actor} added a key to {member}[ for {use}]',
    meaning: 'An SSO connection has a new key of ours.',
  },
  'sso_key.retired': {
    ...ofConnection('sso_key'),
    values: { use: z.string() },
    sentence: 'A key of {member} that was replaced was deleted',
    meaning: 'A key of ours that was replaced was deleted.',
  },
  'sso_metadata.staged': {
    ...connection,
    values: anyFields,
    sentence: 'The metadata of {target} changed in a way that an administrator has to confirm',
    meaning: 'The metadata of a provider changed in a way that an administrator has to confirm.',
  },
  'sso_metadata.applied': {
    ...connection,
    values: anyFields,
    sentence: '{actor} took over changes in the metadata of {target}',
    meaning: 'Changes in the metadata of a provider were taken over.',
  },
  'sso_domain.added': {
    ...ofConnection('sso_domain'),
    values: { domain: z.string() },
    sentence: '{actor} added the domain {domain} to {member}',
    meaning: 'A domain was added to an SSO connection.',
  },
  'sso_domain.verified': {
    ...ofConnection('sso_domain'),
    values: { domain: z.string() },
    sentence: '{actor} proved the ownership of the domain {domain}',
    meaning: 'The organization has proved that a domain is its own.',
  },
  'sso_domain.updated': {
    ...ofConnection('sso_domain'),
    values: { domain: z.string(), enforced: z.boolean(), record: z.string() },
    sentence: '{actor} changed a domain of {member}[: {values}]',
    meaning: 'Sign-in through the provider was made obligatory or optional, or the DNS record came or went.',
  },
  'sso_domain.removed': {
    ...ofConnection('sso_domain'),
    values: { domain: z.string(), verified: z.boolean() },
    sentence: '{actor} removed the domain {domain.before} from {member}',
    meaning: 'A domain was taken from an SSO connection.',
  },
  'identity.linked': {
    ...identity,
    sentence: '{actor} linked a login of a provider to {member}',
    meaning: 'A login of a provider was linked to a user.',
  },
  'identity.unlinked': {
    ...identity,
    sentence: '{actor} unlinked a login of a provider from {member}',
    meaning: 'A login of a provider is no longer linked to a user.',
  },
  'identity.confirmation_requested': {
    target: 'identity',
    member: 'user',
    sentence: '{member} was asked by mail whether a login of a provider is theirs',
    meaning: 'A user was asked by mail whether a login of a provider is theirs.',
  },
});

/** A certificate of a connection, as the target of an event. */
export const certificateTarget = (connection: ConnectionId, fingerprint: string) =>
  ['sso_certificate', idOfName('sso_certificate', connection, fingerprint)] as const;

/** A domain, as the target of an event. */
export const domainTarget = (org: OrgId, domain: string) =>
  ['sso_domain', idOfName('sso_domain', org, domain)] as const;

/** What links a user to a connection, as the target of an event: of the ids alone, since a subject may be an address. */
export const identityTarget = (connection: ConnectionId, user: UserId) =>
  ['identity', idOfName('identity', connection, user)] as const;
