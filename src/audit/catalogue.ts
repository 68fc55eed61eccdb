import { apiKeyEvents } from '../access/api-keys/events.ts';
import { elevationEvents } from '../access/elevations/events.ts';
import { resourceEvents } from '../access/resources/events.ts';
import { serviceAccountEvents } from '../access/service-accounts/events.ts';
import { activityEvents } from '../activity/events.ts';
import { alertEvents } from '../alerts/events.ts';
import { auditStreamEvents } from '../audit-streams/events.ts';
import { demonstrationEvents } from '../demonstration/events.ts';
import { groupEvents } from '../directory/groups/events.ts';
import { organizationEvents } from '../directory/organizations/events.ts';
import { roleEvents } from '../directory/roles/events.ts';
import { userEvents } from '../directory/users/events.ts';
import { emailChangeEvents } from '../email-changes/events.ts';
import { exportEvents } from '../exports/events.ts';
import { historyEvents } from '../history/events.ts';
import { importEvents } from '../imports/events.ts';
import { invitationEvents } from '../invitations/events.ts';
import { jobEvents } from '../jobs/events.ts';
import { lifecycleEvents } from '../lifecycle/events.ts';
import { notificationEvents } from '../notifications/events.ts';
import { onboardingEvents } from '../onboarding/events.ts';
import { provisioningEvents } from '../provisioning/events.ts';
import { reviewEvents } from '../reviews/events.ts';
import { setUpLinkEvents } from '../set-up-links/events.ts';
import { signInEvents } from '../sign-in/events.ts';
import { ssoEvents } from '../sso/events.ts';
import { undoEvents } from '../undo/events.ts';
import { webhookEvents } from '../webhooks/events.ts';
import type {
  EventDeclaration,
  EventOutcome,
  RecordedEvent,
  TargetOf,
  UntargetedEvent,
} from './declaration.ts';
import { auditEvents } from './events.ts';

/** The closed catalogue of what can happen: each feature declares its own. */
export const EVENTS = {
  ...organizationEvents,
  ...provisioningEvents,
  ...userEvents,
  ...roleEvents,
  ...lifecycleEvents,
  ...invitationEvents,
  ...emailChangeEvents,
  ...exportEvents,
  ...onboardingEvents,
  ...groupEvents,
  ...signInEvents,
  ...apiKeyEvents,
  ...serviceAccountEvents,
  ...elevationEvents,
  ...resourceEvents,
  ...jobEvents,
  ...importEvents,
  ...webhookEvents,
  ...ssoEvents,
  ...auditEvents,
  ...auditStreamEvents,
  ...historyEvents,
  ...alertEvents,
  ...activityEvents,
  ...undoEvents,
  ...reviewEvents,
  ...notificationEvents,
  ...setUpLinkEvents,
  ...demonstrationEvents,
};

type Events = typeof EVENTS;

export type EventAction = keyof Events;

export const EVENT_ACTIONS = Object.keys(EVENTS) as readonly EventAction[];

/** The events of a name, or of a noun such as `user.*`; none if there are none. */
export function actionsOf(text: string): readonly EventAction[] {
  if (Object.hasOwn(EVENTS, text)) return [text as EventAction];
  if (!text.endsWith('.*')) return [];
  return EVENT_ACTIONS.filter((name) => name.startsWith(text.slice(0, -1)));
}

/** The names of the events that are about one kind of target. */
export type ActionOn<Type> = {
  [Action in EventAction]: Type extends TargetOf<Events[Action]> ? Action : never;
}[EventAction];

/** An event of a command that is several statements. */
export type TargetedEvent = { [Action in EventAction]: RecordedEvent<Action, Events[Action]> }[EventAction];

/** An event whose target is the user or group that the statement writes. */
export type EventOn<Type> = {
  [Action in ActionOn<Type>]: UntargetedEvent<Action, Events[Action]>;
}[ActionOn<Type>];

export type UserEvent = EventOn<'user'>;

/** The changes of an event, as they are stored. */
export type EventChanges<Action extends EventAction = EventAction> = NonNullable<
  { [Each in Action]: UntargetedEvent<Each, Events[Each]> }[Action]['changes']
>;

/** Whether what an event says was attempted was done. */
export function outcomeOf(action: EventAction): EventOutcome {
  const declaration: EventDeclaration = EVENTS[action];
  return declaration.outcome ?? 'success';
}
