import type { EventAction } from './catalogue.ts';
import type { AuditEvent, Party } from './queries.ts';

/** The version of the Open Cybersecurity Schema Framework that events are written in. */
const OCSF_VERSION = '1.5.0';

const CLASSES = {
  account_change: [3001, 'Account Change'],
  authentication: [3002, 'Authentication'],
  entity_management: [3004, 'Entity Management'],
  user_access: [3005, 'User Access Management'],
  group_management: [3006, 'Group Management'],
} as const;

type ClassName = keyof typeof CLASSES;
type Activity = readonly [kind: ClassName, id: number, name: string];

/** Events that have a class of their own; any other one is the management of an entity. */
const ACTIVITIES: Readonly<Partial<Record<EventAction, Activity>>> = {
  'session.started': ['authentication', 1, 'Logon'],
  'session.ended': ['authentication', 2, 'Logoff'],
  'auth.failed': ['authentication', 1, 'Logon'],
  'user.created': ['account_change', 1, 'Create'],
  'user.invited': ['account_change', 1, 'Create'],
  'user.activated': ['account_change', 2, 'Enable'],
  'invitation.accepted': ['account_change', 2, 'Enable'],
  'user.restored': ['account_change', 2, 'Enable'],
  'password.changed': ['account_change', 3, 'Password Change'],
  'password.reset_requested': ['account_change', 4, 'Password Reset'],
  'user.deactivated': ['account_change', 5, 'Disable'],
  'user.offboarded': ['account_change', 5, 'Disable'],
  'user.deleted': ['account_change', 6, 'Delete'],
  'user.erased': ['account_change', 6, 'Delete'],
  'user.locked': ['account_change', 9, 'Lock'],
  'user.unlocked': ['account_change', 12, 'Unlock'],
  'second_factor.enabled': ['account_change', 10, 'MFA Factor Enable'],
  'second_factor.disabled': ['account_change', 11, 'MFA Factor Disable'],
  'user.role_changed': ['user_access', 1, 'Assign Privileges'],
  'user.owner_granted': ['user_access', 1, 'Assign Privileges'],
  'user.owner_revoked': ['user_access', 2, 'Revoke Privileges'],
  'elevation.granted': ['user_access', 1, 'Assign Privileges'],
  'elevation.revoked': ['user_access', 2, 'Revoke Privileges'],
  'elevation.expired': ['user_access', 2, 'Revoke Privileges'],
  'group.grants_changed': ['group_management', 1, 'Assign Privileges'],
  'group.member_added': ['group_management', 3, 'Add User'],
  'group.member_removed': ['group_management', 4, 'Remove User'],
  'group.deleted': ['group_management', 5, 'Delete'],
  'group.created': ['group_management', 6, 'Create'],
};

const CREATED = /\.(?:created|added|issued|linked|requested)$/;
const DELETED = /\.(?:deleted|removed|revoked|unlinked|discarded|retired|cancelled)$/;

function activityOf(action: EventAction): Activity {
  const declared = ACTIVITIES[action];
  if (declared !== undefined) return declared;
  if (CREATED.test(action)) return ['entity_management', 1, 'Create'];
  if (DELETED.test(action)) return ['entity_management', 4, 'Delete'];
  return ['entity_management', 3, 'Update'];
}

const userOf = ({ id, name, email }: Party) => ({
  uid: id,
  ...(name === null ? {} : { name }),
  ...(email === null ? {} : { email_addr: email }),
});

const entityOf = ({ type, id, name }: Party) => ({ type, uid: id, ...(name === null ? {} : { name }) });

/** An event of the audit trail as an event of OCSF. */
export function toOcsf({
  row,
  sentence,
  actor,
  target,
  member,
}: AuditEvent): Readonly<Record<string, unknown>> {
  const [className, activity, activityName] = activityOf(row.action);
  const [classUid, classTitle] = CLASSES[className];
  const failed = row.outcome === 'failure';
  const isProgram = actor.type !== 'user';
  const user = target.type === 'user' ? target : member?.type === 'user' ? member : undefined;
  return {
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: classUid,
    class_name: classTitle,
    activity_id: activity,
    activity_name: activityName,
    type_uid: classUid * 100 + activity,
    type_name: `${classTitle}: ${activityName}`,
    severity_id: failed ? 2 : 1,
    severity: failed ? 'Low' : 'Informational',
    status_id: failed ? 2 : 1,
    status: failed ? 'Failure' : 'Success',
    time: Date.parse(row.at),
    message: sentence,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Rollcall', vendor_name: 'Rollcall' },
      uid: row.id,
      event_code: row.action,
      ...(row.requestId === null ? {} : { correlation_uid: row.requestId }),
    },
    actor: isProgram
      ? { app_name: actor.name ?? actor.type, app_uid: actor.id }
      : { user: userOf(actor), ...(row.sessionId === null ? {} : { session: { uid: row.sessionId } }) },
    ...(user === undefined ? {} : { user: userOf(user) }),
    ...(className === 'group_management'
      ? { group: { uid: target.id, ...(target.name === null ? {} : { name: target.name }) } }
      : {}),
    ...(className === 'entity_management' ? { entity: entityOf(target) } : {}),
    ...(row.ip === null
      ? {}
      : {
          src_endpoint: {
            ip: row.ip,
            ...(row.country === null ? {} : { location: { country: row.country } }),
          },
        }),
    ...(row.userAgent === null ? {} : { http_request: { user_agent: row.userAgent } }),
    unmapped: { via: row.via, changes: row.changes, reason: row.reason, target: entityOf(target) },
  };
}
