import { html } from './html.ts';
import type { Page } from './page.ts';

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
    ...(token === undefined ? { runs: 'takeToken' } : {}),
    body: html`${wrong}<form method="post" action="/reset-password">${code}
<label for="password">New password</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="256"${marks} aria-describedby="${error === undefined ? 'rule' : 'wrong rule'}">
<p class="hint" id="rule">At least 12 characters. You will be signed out everywhere.</p><button>Set password</button></form>`,
  };
}

export const resetDonePage: Page = {
  title: 'Your password was changed',
  body: html`<p>Sign in with your new password.</p><a class="button" href="/sign-in?with=password">Sign in</a>`,
};
