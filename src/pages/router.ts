import { Router } from 'express';
import { createBrowserBinding, createDeviceCookie, createSessionCookie } from '../http/cookies.ts';
import type { RelyingParty } from '../oidc/relying-party.ts';
import { STYLE } from './page.ts';
import type { PageCommands, PageContext } from './page-context.ts';
import { fontFaces, mountConsole } from './routes/console.ts';
import { mountLogos } from './routes/logos.ts';
import {
  mountConfirmations,
  mountEmailChanges,
  mountInvitations,
  mountPasswords,
} from './routes/mailed-links.ts';
import { mountOidc } from './routes/oidc.ts';
import { mountSaml } from './routes/saml.ts';
import { mountSignIn } from './routes/sign-in.ts';

export interface SsoDependencies {
  readonly directory: PageCommands;
  readonly relyingParty: RelyingParty;
  readonly publicUrl: string;
  readonly now: () => Date;
  /** Where the built console is; without it, `/` is a plain page. */
  readonly consoleFolder: string | undefined;
}

/** Builds the sign-in page, everything below `/sso`, and the console. */
export function createSsoRouter({
  directory,
  relyingParty,
  publicUrl,
  now,
  consoleFolder,
}: SsoDependencies): Router {
  const router = Router({ caseSensitive: true });
  const site: PageContext = {
    directory,
    relyingParty,
    sessionCookie: createSessionCookie(publicUrl),
    devices: createDeviceCookie(publicUrl),
    browsers: createBrowserBinding(publicUrl),
    publicUrl,
    now,
  };
  const style = consoleFolder === undefined ? STYLE : STYLE + fontFaces(consoleFolder);
  router.get('/sso/style.css', (_request, response) => {
    response.type('text/css').set('Cache-Control', 'max-age=3600').send(style);
  });
  mountLogos(router, site);
  if (consoleFolder !== undefined) mountConsole(router, site, consoleFolder);
  mountSignIn(router, site);
  mountSaml(router, site);
  mountOidc(router, site);
  mountConfirmations(router, site);
  mountEmailChanges(router, site);
  mountInvitations(router, site);
  mountPasswords(router, site);
  return router;
}
