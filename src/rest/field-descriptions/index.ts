import { ACTIVITY_DESCRIPTIONS } from './activity.ts';
import { ALERT_DESCRIPTIONS } from './alerts.ts';
import { AUDIT_DESCRIPTIONS } from './audit.ts';
import type { FieldDescription } from './description.ts';
import { HISTORY_DESCRIPTIONS } from './history.ts';
import { NOTIFICATION_DESCRIPTIONS } from './notifications.ts';
import { PARAMETER_DESCRIPTIONS } from './parameters.ts';
import { REVIEW_DESCRIPTIONS } from './reviews.ts';
import { SET_UP_LINK_DESCRIPTIONS } from './set-up-links.ts';
import { SYSTEM_DESCRIPTIONS } from './system.ts';
import { UNDO_DESCRIPTIONS } from './undo.ts';
import { USER_DESCRIPTIONS } from './users.ts';

const FIELDS: ReadonlyMap<string, FieldDescription> = new Map(
  Object.entries({
    ...SET_UP_LINK_DESCRIPTIONS,
    ...NOTIFICATION_DESCRIPTIONS,
    ...UNDO_DESCRIPTIONS,
    ...HISTORY_DESCRIPTIONS,
    ...REVIEW_DESCRIPTIONS,
    ...ALERT_DESCRIPTIONS,
    ...ACTIVITY_DESCRIPTIONS,
    ...AUDIT_DESCRIPTIONS,
    ...SYSTEM_DESCRIPTIONS,
    ...USER_DESCRIPTIONS,
  }),
);
const PARAMETERS: ReadonlyMap<string, FieldDescription> = new Map(Object.entries(PARAMETER_DESCRIPTIONS));

/** Descriptions of body fields whose declarations have none. */
export const fieldDescription = (name: string): FieldDescription | undefined => FIELDS.get(name);

/** The same of a parameter. */
export const parameterDescription = (name: string): FieldDescription | undefined =>
  PARAMETERS.get(name) ?? FIELDS.get(name);
