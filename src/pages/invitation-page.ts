import { html } from './html.ts';
import type { Page } from './page.ts';

/** An invitation that waits, and how the invitee may accept it. */
export interface InvitationView {
  readonly action: string;
  readonly email: string;
  readonly name: string | undefined;
  readonly organization: string;
  readonly inviterName: string;
  readonly methods: readonly ('sso' | 'password')[];
  readonly error?: string | undefined;
}

/** What the link of an invitation opens: looking changes nothing, only its buttons do (R17, R19). */
export function invitationPage(view: InvitationView): Page {
  const { action, email, name, organization, inviterName, methods, error } = view;
  const wrong = error === undefined ? undefined : html`<p class="error" role="alert" id="wrong">${error}</p>`;
  const or = methods.length > 1 ? html`<p class="or">or with a password</p>` : undefined;
  const provider = html`<form method="post" action="/sign-in"><input type="hidden" name="email" value="${email}">
<button>Continue with single sign-on</button></form>`;
  const password = html`<form method="post" action="${action}">
<label for="name">Name</label><input id="name" name="name" value="${name ?? ''}" autocomplete="name" maxlength="200">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="256" aria-describedby="${error === undefined ? 'rule' : 'wrong rule'}">
<p class="hint" id="rule">At least 12 characters.</p><button>Create account</button></form>`;
  return {
    title: `Join ${organization}`,
    body: html`<p>${inviterName} has invited ${email}.</p>${wrong}${methods.includes('sso') ? provider : undefined}${or}${methods.includes('password') ? password : undefined}`,
  };
}
