import { html } from './html.ts';
import type { Page } from './page.ts';

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
    body: html`${wrong}<form method="post" action="/sign-in"><input type="hidden" name="with" value="password">${back}${address}
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${marks}${email === '' ? undefined : html` autofocus`}>
<button>Sign in</button></form>
<p class="small"><a href="/forgot-password">Forgot your password?</a></p>
<p class="small"><a href="/sign-in${query === '' ? '' : `?${query.slice(1)}`}">Back</a></p>`,
  };
}
