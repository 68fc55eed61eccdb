import type { LinkDecision } from '../sso/rules/account-linking.ts';
import { SSO_REASONS, type SsoReason } from '../sso/rules/reasons.ts';
import { describeWouldBe } from '../sso/rules/would-be.ts';
import { type Html, html, type Page, type Whose } from './page.ts';

/**
 * The texts that users read. They reveal something about an account only after the provider has authenticated its user
 * (R136).
 */
const SENTENCES: Partial<Record<SsoReason, string>> = {
  account_not_found: 'Account not found. Ask your administrator to invite you.',
  account_inactive: 'Your account is not active. Contact your administrator.',
  account_deleted: 'Your account is not active. Contact your administrator.',
  account_locked: 'Your account is locked. Ask your administrator to unlock it.',
  invitation_over: 'Your invitation has expired. Ask your administrator to send it again.',
  domain_not_allowed: 'People with your email domain cannot sign in here. Contact your administrator.',
  domain_elsewhere: 'People with your email domain sign in another way. Start from the sign-in page.',
  email_missing: 'Your identity provider did not send your email address. Contact your administrator.',
  browser_mismatch: 'This sign-in started in another browser, or cookies are turned off. Start again.',
  request_unknown: 'This sign-in took too long. Start again.',
  request_used: 'This sign-in has already been used. Start again.',
  replayed: 'This sign-in has already been used. Start again.',
  connection_off: 'Single sign-on is turned off here. Contact your administrator.',
  connection_changed: 'Single sign-on was changed while you signed in. Start again.',
  idp_initiated_off: 'Start from the sign-in page. Signing in from your identity provider is turned off.',
  provider_error: 'Your identity provider did not sign you in. Start again, or contact your administrator.',
  provider_unreachable: 'Your identity provider does not answer. Try again in a moment.',
  authentication_stale:
    'Your identity provider did not ask you to sign in again. Contact your administrator.',
  step_up_other_person: 'You signed in to your identity provider with a different account. Start again.',
};

/**
 * One plain page for a rejected sign-in. The reason is in the trace, for administrators.
 * @param organization only once its provider has authenticated the user
 */
export function rejectedPage(reason: SsoReason, requestId: string, organization: Whose | undefined): Page {
  const sentence = SENTENCES[reason] ?? 'We could not sign you in. Contact your administrator.';
  return {
    title: 'You are not signed in',
    ...(organization === undefined ? {} : { organization }),
    body: html`<p role="alert">${sentence}</p><a class="button" href="/sign-in">Start again</a>
<p class="small">When you contact your administrator, give them this number: ${requestId}.</p>`,
  };
}

/** After a failed test: an administrator ran it, so the page shows what the trace shows. */
export function testFailedPage(reason: SsoReason, detail: string | undefined, requestId: string): Page {
  const { happened, remedy, stage } = SSO_REASONS[reason];
  return {
    title: 'The test was refused',
    body: html`<p role="alert">${happened}</p>${detail === undefined ? undefined : html`<p class="said">${detail}</p>`}
<p><strong>What to do:</strong> ${remedy}</p>
<dl><dt>Stage</dt><dd>${stage}</dd><dt>Reason</dt><dd>${reason}</dd><dt>Request</dt><dd>${requestId}</dd></dl>
<p class="small">Nothing has changed for your users. The test result shows what the provider sent.</p>`,
  };
}

/** R57, rule 5: a mail is on its way. */
export const confirmationSentPage: Page = {
  title: 'Check your email',
  body: html`<p>An account with your email address already exists. We sent you an email. Open the link in it, then sign in again.</p>
<a class="button" href="/sign-in">Back to the sign-in page</a>`,
};

/** What the link in that mail opens; only its button does anything. */
export function confirmPage(
  { connectionName, email }: { readonly connectionName: string; readonly email: string },
  organization: Whose,
  action: string,
): Page {
  return {
    title: 'Is this you?',
    organization,
    body: html`<p>Connect your account to ${connectionName}? From then on you sign in to ${organization.name} through ${connectionName}.</p>
<dl><dt>Account</dt><dd>${email}</dd></dl><form method="post" action="${action}"><button>Yes, connect it</button></form>
<p class="small">If you did not just try to sign in, close this page and tell your administrator.</p>`,
  };
}

export const confirmedPage = (organization: Whose): Page => ({
  title: 'Connected',
  organization,
  body: html`<p>You can sign in now.</p><a class="button" href="/sign-in">Sign in</a>`,
});

/** After a test of a connection: no one was signed in. It may have passed, and yet let no one in. */
export function testedPage(connection: string, wouldBe: LinkDecision): Page {
  return {
    title: 'The test passed',
    body: html`<p>Your identity provider signed you in to “${connection}”. Nothing has changed for your users. Activate the connection when you are ready.</p>
${meaningOf(wouldBe)}
<p class="small">You can close this page.</p>`,
  };
}

function meaningOf(wouldBe: LinkDecision): Html {
  const { sentence, remedy } = describeWouldBe(wouldBe);
  return remedy === undefined ? html`<p>${sentence}</p>` : html`<p class="said">${sentence} ${remedy}</p>`;
}

/** After a sign-in that began at the provider, in a browser that had another user's session (login CSRF). */
export function switchedPage(name: string, returnTo: string): Page {
  return {
    title: `You are now ${name}`,
    body: html`<p>Your identity provider signed you in, and the previous session in this browser has ended.</p>
<a class="button" href="${returnTo}">Continue as ${name}</a>`,
  };
}

export const signedOutPage: Page = {
  title: 'You are signed out',
  body: html`<a class="button" href="/sign-in">Sign in</a>`,
};

/** The session here has ended; the provider could not be notified. */
export const signedOutHerePage: Page = {
  title: 'You are signed out here',
  body: html`<p role="alert">Your identity provider could not be reached, so you may still be signed in there. On a shared computer, sign out there, too.</p>
<a class="button" href="/sign-in">Sign in</a>`,
};

/** Where a sign-in leads by default. */
export function homePage(
  user: {
    readonly name: string;
    readonly email: string;
    readonly organization: Whose;
    readonly role: string;
  },
  csrfToken: string,
): Page {
  return {
    title: `Hello, ${user.name}`,
    organization: user.organization,
    body: html`<dl><dt>Organization</dt><dd>${user.organization.name}</dd><dt>Email</dt><dd>${user.email}</dd><dt>Role</dt><dd>${user.role}</dd></dl>
<a class="button quiet" href="/api/v1/docs">API documentation</a>
<form method="post" action="/sso/sign-out"><input type="hidden" name="csrf" value="${csrfToken}"><button>Sign out</button></form>`,
  };
}

/** Further content of the page. */
export function messagePage(title: string, sentence: string): Page {
  return { title, body: html`<p role="alert">${sentence}</p><a class="button" href="/sign-in">Sign in</a>` };
}

export const notFoundPage: Page = {
  title: 'Page not found',
  body: html`<p role="alert">There is no page at this address. Check it for typing errors, or start from the first page.</p>
<a class="button" href="/">Go to the first page</a>`,
};
