import type { ArrivalDecision } from '../../directory/rules/arrival.ts';
import { SSO_REASONS, type SsoReason } from '../../directory/rules/sso-reasons.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

/** What the person reads. Only after the provider has proved them does it say anything of their account (R136). */
const SENTENCES: Partial<Record<SsoReason, string>> = {
  account_not_found: 'Account not found. Ask your administrator to invite you.',
  account_inactive: 'Your account is not active. Ask your administrator.',
  account_deleted: 'Your account is not active. Ask your administrator.',
  account_locked: 'Your account is locked. Ask your administrator to unlock it.',
  invitation_over: 'Your invitation has expired. Ask your administrator to send it again.',
  domain_not_allowed: 'People of your email domain cannot sign in here. Ask your administrator.',
  domain_elsewhere: 'People of your email domain sign in another way. Begin at the sign-in page.',
  email_missing: 'Your provider did not say your email address. Ask your administrator.',
  browser_mismatch: 'This sign-in began in another browser, or cookies are off. Begin again.',
  request_unknown: 'This sign-in took too long. Begin again.',
  request_used: 'This sign-in was used already. Begin again.',
  replayed: 'This sign-in was used already. Begin again.',
  connection_off: 'This way to sign in is not switched on. Ask your administrator.',
  connection_changed: 'This way to sign in has just been changed. Begin again.',
  idp_initiated_off: 'Begin at the sign-in page: this provider cannot open it for you.',
  provider_error: 'Your provider did not sign you in. Begin again, or ask your administrator.',
  provider_unreachable: 'Your provider does not answer. Try again in a moment.',
  authentication_stale: 'Your provider did not ask you to sign in again. Ask your administrator.',
  step_up_other_person: 'You signed in at your provider as somebody else. Begin again.',
};

/** One plain page for whoever does not get in. The reason is in the trace, for administrators. */
export function refusedPage(reason: SsoReason, requestId: string): Page {
  const sentence = SENTENCES[reason] ?? 'You could not be signed in. Ask your administrator.';
  return {
    title: 'You are not signed in',
    body: html`<p role="alert">${sentence}</p><a class="button" href="/sign-in">Begin again</a>
<p class="small">If you ask your administrator, quote ${requestId}.</p>`,
  };
}

/** After a test that was refused: whoever tests is the administrator, so this says what the trace says. */
export function testRefusedPage(reason: SsoReason, detail: string | undefined, requestId: string): Page {
  const { happened, remedy, stage } = SSO_REASONS[reason];
  return {
    title: 'The test was refused',
    body: html`<p role="alert">${happened}</p>${detail === undefined ? undefined : html`<p class="said">${detail}</p>`}
<p><strong>What to do:</strong> ${remedy}</p>
<dl><dt>Stage</dt><dd>${stage}</dd><dt>Reason</dt><dd>${reason}</dd><dt>Request</dt><dd>${requestId}</dd></dl>
<p class="small">Nothing has changed for anybody. The result of the test shows what the provider sent.</p>`,
  };
}

/** R57, rule 5: a mail is on its way. */
export const confirmationSentPage: Page = {
  title: 'Check your email',
  body: html`<p>There is an account with your address already. We have sent an email there: follow its link, then sign in again.</p>
<a class="button" href="/sign-in">Back to the sign-in page</a>`,
};

/** What the link in that mail opens; only its button does anything. */
export function confirmPage(
  {
    organization,
    connection,
    email,
  }: { readonly organization: string; readonly connection: string; readonly email: string },
  action: string,
): Page {
  return {
    title: 'Is it you?',
    body: html`<p>Connect your account to ${connection}? From then on you sign in to ${organization} there.</p>
<dl><dt>Account</dt><dd>${email}</dd></dl><form method="post" action="${action}"><button>Yes, connect it</button></form>
<p class="small">If you did not just try to sign in, close this page and tell your administrator.</p>`,
  };
}

export const confirmedPage: Page = {
  title: 'Connected',
  body: html`<p>You can sign in now.</p><a class="button" href="/sign-in">Sign in</a>`,
};

/** After a test of a connection: nobody was signed in. It may have passed, and yet let nobody in. */
export function testedPage(connection: string, wouldBe: ArrivalDecision): Page {
  return {
    title: 'The test has passed',
    body: html`<p>Your provider signed you in to “${connection}”. Nothing has changed for anybody: activate the connection when you are ready.</p>
${meaningOf(wouldBe)}
<p class="small">You can close this page.</p>`,
  };
}

function meaningOf(wouldBe: ArrivalDecision): Html {
  switch (wouldBe.kind) {
    case 'admit':
      return html`<p>In a sign-in, this person would get in: they have an account here.</p>`;
    case 'create':
      return html`<p>In a sign-in, this person would be created and get in.</p>`;
    case 'confirm':
      return html`<p>In a sign-in, this person would have to confirm by email that the account here is theirs.</p>`;
    case 'refuse': {
      const { happened, remedy } = SSO_REASONS[wouldBe.reason];
      return html`<p class="said">As the settings are, a sign-in of this person would be refused. ${happened} ${remedy}</p>`;
    }
  }
}

/** After a sign-in that began at the provider, in a browser that had somebody else’s session (login CSRF). */
export function switchedPage(name: string, returnTo: string): Page {
  return {
    title: `You are now ${name}`,
    body: html`<p>Your provider signed you in, and the session that was here before has ended.</p>
<a class="button" href="${returnTo}">Continue as ${name}</a>`,
  };
}

export const signedOutPage: Page = {
  title: 'You are signed out',
  body: html`<a class="button" href="/sign-in">Sign in</a>`,
};

/** The session here has ended; the provider could not be told. */
export const signedOutHerePage: Page = {
  title: 'You are signed out here',
  body: html`<p role="alert">Your provider could not be reached, so you may still be signed in there. On a computer that others use, sign out there, too.</p>
<a class="button" href="/sign-in">Sign in</a>`,
};

/** Where a sign-in leads if nothing else was asked for. */
export function homePage(
  person: {
    readonly name: string;
    readonly email: string;
    readonly organization: string;
    readonly role: string;
  },
  csrfToken: string,
): Page {
  return {
    title: `Hello, ${person.name}`,
    body: html`<dl><dt>Organization</dt><dd>${person.organization}</dd><dt>Email</dt><dd>${person.email}</dd><dt>Role</dt><dd>${person.role}</dd></dl>
<a class="button quiet" href="/api/v1/docs">API documentation</a>
<form method="post" action="/sso/sign-out"><input type="hidden" name="csrf" value="${csrfToken}"><button>Sign out</button></form>`,
  };
}

/** Whatever else a page has to say. */
export function messagePage(title: string, sentence: string): Page {
  return { title, body: html`<p role="alert">${sentence}</p><a class="button" href="/sign-in">Sign in</a>` };
}
