import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { type Html, html } from './html.ts';

const MARK = html`<svg class="mark" viewBox="0 0 40 40" aria-hidden="true"><rect width="40" height="40" rx="10" fill="#3b5bdb"/><path d="M20 9l9 3.4v6.8c0 5.6-3.7 9.6-9 11.8-5.3-2.2-9-6.2-9-11.8v-6.8z" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/><path d="M16 20l3 3 5.5-6" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** What a page runs; without scripts the reader has a button, or a field more. */
const SCRIPTS = {
  /** Sends the first form. */
  submit: 'document.forms[0].submit()',
  /** Takes what the address has behind its #, which no server and no log sees, into the form and out of the address. */
  takeToken:
    "const t=location.hash.slice(1),f=document.forms[0].elements.token;if(t){f.value=t;f.parentElement.hidden=true;history.replaceState(null,'',location.pathname)}",
} as const;
const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

export interface Page {
  readonly title: string;
  readonly body: Html;
  readonly runs?: keyof typeof SCRIPTS;
}

/** Sends a page that no other site can frame, that runs no script but ours, and that no one keeps. */
export function sendPage(response: Response, status: number, { title, body, runs }: Page): void {
  const script = runs === undefined ? undefined : html`<script>${trusted(SCRIPTS[runs])}</script>`;
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/sso/style.css"></head>
<body><main>${MARK}<h1>${title}</h1>${body}</main>${script}</body></html>`;
  // No form-action: browsers hold it against the redirect to the provider, too.
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    ...(runs === undefined ? [] : [`script-src ${hashOf(SCRIPTS[runs])}`]),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  response
    .status(status)
    .set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      // Not no-referrer: with it browsers send our own forms with `Origin: null`.
      // A path that opens something is in no Referer, of our own pages either.
      'Referrer-Policy': response.req.originalUrl.includes('token_') ? 'strict-origin' : 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    })
    .end(document.text);
}

/** A constant of ours that is no HTML and must not be escaped. */
const trusted = (text: string): Html => html([text] as unknown as TemplateStringsArray);

/** A form that continues by itself: to the provider, or back to ourselves as a page of this site. */
export function sameSiteRedirectPage(
  title: string,
  action: string,
  fields: ReadonlyMap<string, string>,
): Page {
  const inputs = [...fields].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return {
    title,
    runs: 'submit',
    body: html`<p>One moment.</p><form method="post" action="${action}">${inputs}<noscript><button>Continue</button></noscript></form>`,
  };
}
