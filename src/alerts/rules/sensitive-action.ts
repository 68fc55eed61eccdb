import type { EventAction } from '../../audit/catalogue.ts';
import type { Finding } from './alert.ts';

interface Sensitive {
  readonly what: string;
  /** The same where the name of what was made or changed is known: it stands for `{}`. */
  readonly named?: string;
  /** Where the event has the id of what has the name: what it is about by default. */
  readonly nameIsOf?: 'member' | 'connection';
}

/** What an attacker who has an administrator's session does first, and administrators do rarely. */
const SENSITIVE: ReadonlyMap<string, Sensitive> = new Map<EventAction, Sensitive>([
  ['audit.exported', { what: 'exported the audit trail' }],
  ['user.exported', { what: 'exported the data of a user' }],
  ['user.owner_granted', { what: 'made a user an owner' }],
  ['api_key.created', { what: 'created an API key', named: 'created the API key {}' }],
  [
    'scim.token_issued',
    { what: 'issued a SCIM token', named: 'issued a SCIM token of {}', nameIsOf: 'connection' },
  ],
  ['connection.created', { what: 'added a SCIM connection', named: 'added the SCIM connection {}' }],
  ['sso_connection.created', { what: 'added an SSO connection', named: 'added the SSO connection {}' }],
  ['sso_connection.updated', { what: 'changed an SSO connection', named: 'changed the SSO connection {}' }],
  [
    'sso_certificate.added',
    {
      what: 'added a certificate of a provider',
      named: 'added a certificate of the provider to {}',
      nameIsOf: 'member',
    },
  ],
  [
    'sso_domain.updated',
    {
      what: 'changed whether a domain must use single sign-on',
      named: 'changed whether a domain of {} must use single sign-on',
      nameIsOf: 'member',
    },
  ],
  ['second_factor.disabled', { what: 'disabled a second factor' }],
  ['webhook.created', { what: 'added a webhook', named: 'added a webhook to {}' }],
]);

/** The events that the rule looks at, where users did them. */
export const SENSITIVE_ACTIONS = [...SENSITIVE.keys()] as EventAction[];

interface ActionSeen {
  readonly action: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly memberId: string | null;
  readonly changes: { readonly values?: Readonly<Record<string, readonly [unknown, unknown]>> } | null;
  readonly at: string;
}

/** Whether an action of a user is one that the rule looks at. */
export const isSensitive = ({ action, actorType }: { readonly action: string; readonly actorType: string }) =>
  actorType === 'user' && SENSITIVE.has(action);

/** The id of the key, connection or webhook that a sensitive action made or changed. @returns undefined for other actions */
export function madeBySensitive(event: ActionSeen): string | undefined {
  const sensitive = SENSITIVE.get(event.action);
  if (sensitive?.named === undefined) return undefined;
  if (sensitive.nameIsOf === 'member') return event.memberId ?? undefined;
  if (sensitive.nameIsOf === undefined) return event.targetId;
  const connection = event.changes?.values?.['connection']?.[1];
  return typeof connection === 'string' ? connection : undefined;
}

/**
 * Opens an alert for the first sensitive action of its kind by a user (R113).
 * @param done whether the user did the same within the last 30 days
 * @param name of what it made or changed, where that has one
 */
export function detectSensitiveAction(
  event: ActionSeen,
  done: boolean,
  name: string | undefined,
): readonly Finding[] {
  const sensitive = SENSITIVE.get(event.action);
  if (sensitive === undefined || done) return [];
  const { what, named } = sensitive;
  const said = named === undefined || name === undefined ? what : named.replace('{}', () => name);
  return [
    {
      kind: 'sensitive_action',
      severity: event.action === 'user.owner_granted' ? 'high' : 'medium',
      user: event.actorId,
      at: event.at,
      key: event.action,
      detail: {
        why: `The user ${said}.`,
        comparedWith: 'no such action in the last 30 days',
        action: event.action,
        target: madeBySensitive(event) ?? event.targetId,
      },
    },
  ];
}
