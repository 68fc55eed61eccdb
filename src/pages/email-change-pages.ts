import type { OpenEmailChange } from '../email-changes/commands.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';

/** What the link to confirm an address opens. @param action where the form goes */
export function emailChangePage({ organization, email, newEmail }: OpenEmailChange, action: string): Page {
  return {
    title: 'Confirm your email address',
    body: html`<p>The address of your account at ${organization} changes from ${email} to ${newEmail}. You are signed out everywhere and sign in with the new address.</p>
<form method="post" action="${action}"><button>Confirm ${newEmail}</button></form>`,
  };
}

export function emailChangedPage({ newEmail }: OpenEmailChange): Page {
  return {
    title: 'Your email address has changed',
    body: html`<p>Sign in with ${newEmail}.</p><a class="button" href="/sign-in">Sign in</a>`,
  };
}
