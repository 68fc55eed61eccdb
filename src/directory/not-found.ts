import { DomainError } from './errors.ts';

/** What can be asked for by an id, as a sentence names it. */
const ENTITIES = {
  user: 'User',
  group: 'Group',
  member: 'Member',
  invitation: 'Invitation',
  import: 'Import',
  elevation: 'Elevation',
  api_key: 'API key',
  service_account: 'Service account',
  session: 'Session',
  resource: 'Resource',
  webhook: 'Webhook',
  delivery: 'Delivery',
  audit_stream: 'Audit stream',
  job: 'Job',
  sso_connection: 'SSO connection',
  sso_key: 'Key',
  sso_certificate: 'Certificate',
  sso_domain: 'Domain',
  identity: 'Identity',
  scim_connection: 'SCIM connection',
  scim_token: 'SCIM token',
  scim_request: 'Request',
  set_up_link: 'Set-up link',
  export: 'Export',
  job_function: 'Job function',
  event: 'Event',
  alert: 'Alert',
  undo: 'Undo',
  history_bundle: 'Bundle',
  review: 'Access review',
  review_item: 'Item',
  logo: 'Logo',
} as const;

export type Entity = keyof typeof ENTITIES;

/** The rejection of an id that names nothing, or nothing that the client may know of: the same sentence for both. */
export const notFound = (kind: Entity): DomainError =>
  new DomainError('not_found', `${ENTITIES[kind]} not found.`);
