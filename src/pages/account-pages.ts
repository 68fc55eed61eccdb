import type { OpenEmailChange } from '../email-changes/commands.ts';
import { writtenTime } from '../platform/time.ts';
import { html, type Page, type Whose } from './page.ts';

/** How far a sign-in has come, and what is to be shown of it. */
export interface SignInForm {
  readonly step: 'email' | 'password' | 'code';
  readonly email: string;
  readonly returnTo: string | undefined;
  /** Of the step `code`: names the sign-in whose password was right. */
  readonly pending?: string | undefined;
  readonly error?: string | undefined;
}

/** The sign-in page: the address first, since it decides where its users sign in. */
export function signInPage({ step, email, returnTo, pending, error }: SignInForm): Page {
  const wrong = error === undefined ? undefined : html`<p class="error" role="alert" id="wrong">${error}</p>`;
  const marks = error === undefined ? undefined : html` aria-invalid="true" aria-describedby="wrong"`;
  const back =
    returnTo === undefined ? undefined : html`<input type="hidden" name="return_to" value="${returnTo}">`;
  const query = returnTo === undefined ? '' : `&return_to=${encodeURIComponent(returnTo)}`;
  if (step === 'code') {
    return {
      title: 'Enter your code',
      body: html`<p>Enter the code from your authenticator app, or one of your recovery codes.</p>${wrong}
<form method="post" action="/sign-in"><input type="hidden" name="pending" value="${pending}">${back}
<label for="code">Code</label><input id="code" name="code" autocomplete="one-time-code" required autofocus maxlength="64"${marks}>
<button>Sign in</button></form>
<p class="small"><a href="/sign-in${query === '' ? '' : `?${query.slice(1)}`}">Start again</a></p>`,
    };
  }
  const address = html`<label for="email">Email</label>
<input id="email" name="email" type="email" value="${email}" autocomplete="username" required maxlength="320"${marks}${step === 'email' ? html` autofocus` : undefined}>`;
  if (step === 'email') {
    return {
      title: 'Sign in',
      body: html`<p>Enter your work email. We’ll take you to your organization’s sign-in.</p>${wrong}
<form method="post" action="/sign-in">${back}${address}<button>Continue</button></form>
<p class="small"><a href="/sign-in?with=password${query}">Use a password instead</a></p>`,
    };
  }
  return {
    title: 'Sign in',
    runs: ['password'],
    body: html`${wrong}<form method="post" action="/sign-in"><input type="hidden" name="with" value="password">${back}${address}
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${marks}${email === '' ? undefined : html` autofocus`}>
<button>Sign in</button></form>
<p class="small"><a href="/forgot-password">Forgot your password?</a></p>
<p class="small"><a href="/sign-in${query === '' ? '' : `?${query.slice(1)}`}">Back</a></p>`,
  };
}

/** The page that requests a link by mail (R136: it does not reveal who has an account). */
export const forgottenPage: Page = {
  title: 'Forgot your password?',
  body: html`<p>Enter your email. We will send you a link to set a new password.</p>
<form method="post" action="/forgot-password"><label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus maxlength="320">
<button>Send the link</button></form>
<p class="small"><a href="/sign-in">Back</a></p>`,
};

export const resetSentPage: Page = {
  title: 'Check your email',
  body: html`<p>If an account with this email signs in with a password, we have sent a link to it. The link works for one hour.</p>
<a class="button" href="/sign-in">Back to the sign-in page</a>`,
};

/** What the link in that mail opens. @param token as it was sent with a password that was rejected */
export function resetPage(token: string | undefined, error: string | undefined): Page {
  const wrong = error === undefined ? undefined : html`<p class="error" role="alert" id="wrong">${error}</p>`;
  const code =
    token === undefined
      ? html`<div><label for="token">Code</label><input id="token" name="token" required maxlength="200" aria-describedby="where">
<p class="hint" id="where">Paste the part of the link after “#”.</p></div>`
      : html`<input type="hidden" name="token" value="${token}">`;
  const marks = error === undefined ? undefined : html` aria-invalid="true"`;
  return {
    title: 'Set a new password',
    runs: token === undefined ? ['takeToken', 'password'] : ['password'],
    body: html`${wrong}<form method="post" action="/reset-password">${code}
<label for="password">New password</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="256"${marks} aria-describedby="${error === undefined ? 'rule' : 'wrong rule'}">
<p class="hint" id="rule">At least 12 characters. You will be signed out everywhere.</p><button>Set password</button></form>`,
  };
}

export const resetDonePage: Page = {
  title: 'Your password was changed',
  body: html`<p>Sign in with your new password.</p><a class="button" href="/sign-in?with=password">Sign in</a>`,
};

/** An invitation that waits, and how the invitee may accept it. */
interface InvitationView {
  readonly action: string;
  readonly email: string;
  readonly name: string | undefined;
  readonly organization: Whose;
  readonly inviterName: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly methods: readonly ('sso' | 'password')[];
  readonly error?: string | undefined;
}

/** What the link of an invitation opens: looking changes nothing, only its buttons do (R17, R19). */
export function invitationPage(view: InvitationView): Page {
  const { action, email, name, organization, inviterName, expiresAt, methods, error } = view;
  const wrong = error === undefined ? undefined : html`<p class="error" role="alert" id="wrong">${error}</p>`;
  const or = methods.length > 1 ? html`<p class="or">or with a password</p>` : undefined;
  const provider = html`<form method="post" action="/sign-in"><input type="hidden" name="email" value="${email}">
<button>Continue with single sign-on</button></form>`;
  const password = html`<form method="post" action="${action}">
<label for="name">Name</label><input id="name" name="name" value="${name ?? ''}" autocomplete="name" maxlength="200">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="256" aria-describedby="${error === undefined ? 'rule' : 'wrong rule'}">
<p class="hint" id="rule">At least 12 characters.</p><button>Create account</button></form>`;
  return {
    title: `${inviterName} invited you`,
    organization,
    runs: ['password'],
    foot: html`Valid until ${writtenTime(expiresAt)}. Opening this page changes nothing.`,
    body: html`<p>Join ${organization.name} as <b>${email}</b>.</p>${wrong}${methods.includes('sso') ? provider : undefined}${or}${methods.includes('password') ? password : undefined}`,
  };
}

/** What the link to confirm an address opens. @param action where the form goes */
export function emailChangePage(
  { email, newEmail }: OpenEmailChange,
  organization: Whose,
  action: string,
): Page {
  return {
    title: 'Confirm your email address',
    organization,
    body: html`<p>The address of your account at ${organization.name} changes from ${email} to ${newEmail}. You are signed out everywhere and sign in with the new address.</p>
<form method="post" action="${action}"><button>Confirm ${newEmail}</button></form>`,
  };
}

export function emailChangedPage({ newEmail }: OpenEmailChange, organization: Whose): Page {
  return {
    title: 'Your email address has changed',
    organization,
    body: html`<p>Sign in with ${newEmail}.</p><a class="button" href="/sign-in">Sign in</a>`,
  };
}
