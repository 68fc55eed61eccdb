import type { Core } from '../core.ts';
import type { SsoLogins } from '../sso/login/sso-logins.ts';
import { createInvitationCommands } from './commands.ts';
import { invitationRoutes } from './routes.ts';

/** Invitations, and how they are accepted. */
export function invitationsFeature(core: Core, others: { readonly ssoLogins: SsoLogins }) {
  const invitations = createInvitationCommands(core);
  return { invitations, routes: invitationRoutes({ ...core, ...others, invitations }) };
}
