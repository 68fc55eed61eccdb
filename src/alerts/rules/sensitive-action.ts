import type { Finding } from './alert.ts';

/** What an attacker who has an administrator's session does first, and administrators do rarely. */
const SENSITIVE: ReadonlyMap<string, string> = new Map([
  ['audit.exported', 'exported the audit trail'],
  ['user.exported', 'exported the data of a user'],
  ['user.owner_granted', 'made a user a Super Admin'],
  ['api_key.created', 'created an API key'],
  ['scim.token_issued', 'issued a SCIM token'],
  ['connection.created', 'added a SCIM connection'],
  ['sso_connection.created', 'added an SSO connection'],
  ['sso_connection.updated', 'changed an SSO connection'],
  ['sso_certificate.added', 'added a certificate of a provider'],
  ['sso_domain.updated', 'changed whether a domain must use single sign-on'],
  ['second_factor.disabled', 'disabled a second factor'],
  ['webhook.created', 'added a webhook'],
]);

interface ActionSeen {
  readonly action: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly at: string;
}

/** Whether an action of a user is one that the rule looks at. */
export const isSensitive = ({ action, actorType }: { readonly action: string; readonly actorType: string }) =>
  actorType === 'user' && SENSITIVE.has(action);

/**
 * Opens an alert for the first sensitive action of its kind by a user (R113).
 * @param done whether the user did the same within the last 30 days
 */
export function detectSensitiveAction(event: ActionSeen, done: boolean): readonly Finding[] {
  const what = SENSITIVE.get(event.action);
  if (what === undefined || done) return [];
  return [
    {
      kind: 'sensitive_action',
      severity: event.action === 'user.owner_granted' ? 'high' : 'medium',
      user: event.actorId,
      at: event.at,
      key: event.action,
      detail: {
        why: `The user ${what}.`,
        comparedWith: 'no such action in the last 30 days',
        action: event.action,
        target: event.targetId,
      },
    },
  ];
}
