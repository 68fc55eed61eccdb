import { Router } from 'express';
import type { Administration } from '../directory/compose.ts';
import { createDeviceCookie } from '../http/device-cookie.ts';
import { createSessionCookie } from '../http/session-cookie.ts';
import { createBrowserBinding } from './browser.ts';
import { mountConfirmations } from './confirm-routes.ts';
import { mountEmailChanges } from './email-change-routes.ts';
import { mountInvitations } from './invitation-routes.ts';
import type { RelyingParty } from './oidc/relying-party.ts';
import { mountOidc } from './oidc-routes.ts';
import { STYLE } from './pages/style.ts';
import { mountPasswords } from './password-routes.ts';
import { mountSaml } from './saml-routes.ts';
import { mountSignIn } from './sign-in-routes.ts';
import type { Site } from './site.ts';

export interface SsoDependencies {
  readonly administration: Administration;
  readonly relyingParty: RelyingParty;
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** Builds the sign-in page and everything below `/sso`. */
export function createSsoRouter({ administration, relyingParty, publicUrl, now }: SsoDependencies): Router {
  const router = Router({ caseSensitive: true });
  const site: Site = {
    directory: administration,
    relyingParty,
    sessionCookie: createSessionCookie(publicUrl),
    devices: createDeviceCookie(publicUrl),
    browsers: createBrowserBinding(publicUrl),
    publicUrl,
    now,
  };
  router.get('/sso/style.css', (_request, response) => {
    response.type('text/css').set('Cache-Control', 'max-age=3600').send(STYLE);
  });
  mountSignIn(router, site);
  mountSaml(router, site);
  mountOidc(router, site);
  mountConfirmations(router, site);
  mountEmailChanges(router, site);
  mountInvitations(router, site);
  mountPasswords(router, site);
  return router;
}
