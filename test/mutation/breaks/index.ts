import type { Break } from '../break.ts';
import { credentialBreaks } from './credentials.ts';
import { cursorBreaks } from './cursors.ts';
import { edgeBreaks } from './edge.ts';
import { jobBreaks } from './jobs.ts';
import { oidcBreaks } from './oidc.ts';
import { platformBreaks } from './platform.ts';
import { readingBreaks } from './reading.ts';
import { ruleBreaks } from './rules.ts';
import { samlBreaks } from './saml.ts';
import { scimBreaks } from './scim.ts';
import { signInBreaks } from './sign-in.ts';
import { ssoBreaks } from './sso.ts';
import { storeBreaks } from './store.ts';

/** Everything that `npm run mutate` breaks, one at a time. */
export const BREAKS: readonly Break[] = [
  ...platformBreaks,
  ...storeBreaks,
  ...signInBreaks,
  ...credentialBreaks,
  ...jobBreaks,
  ...scimBreaks,
  ...cursorBreaks,
  ...edgeBreaks,
  ...ruleBreaks,
  ...ssoBreaks,
  ...samlBreaks,
  ...oidcBreaks,
  ...readingBreaks,
];
