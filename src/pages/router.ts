import { Router } from 'express';
import { createDeviceCookie } from '../http/device-cookie.ts';
import { createSessionCookie } from '../http/session-cookie.ts';
import type { RelyingParty } from '../oidc/relying-party.ts';
import type { Administration } from '../services.ts';
import { createBrowserBinding } from './browser-binding.ts';
import type { PageContext } from './page-context.ts';
import { mountConfirmations } from './routes/confirmations.ts';
import { mountEmailChanges } from './routes/email-changes.ts';
import { mountInvitations } from './routes/invitations.ts';
import { mountOidc } from './routes/oidc.ts';
import { mountPasswords } from './routes/passwords.ts';
import { mountSaml } from './routes/saml.ts';
import { mountSignIn } from './routes/sign-in.ts';
import { STYLE } from './style.ts';

export interface SsoDependencies {
  readonly administration: Administration;
  readonly relyingParty: RelyingParty;
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** Builds the sign-in page and everything below `/sso`. */
export function createSsoRouter({ administration, relyingParty, publicUrl, now }: SsoDependencies): Router {
  const router = Router({ caseSensitive: true });
  const site: PageContext = {
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
