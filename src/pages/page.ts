import { createHash } from 'node:crypto';
import type { Response } from 'express';

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | undefined | false | readonly Html[];

/** Writes HTML; whatever is put into it is escaped, unless it is HTML that was written the same way. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(parts.reduce((text, part, at) => text + part + written(pieces[at]), ''));
}

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(({ text }: Html) => text).join('');
  return escapeHtml(String(piece));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

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

/** The one style sheet of these pages, light and dark as the reader has it. */
export const STYLE = `:root{color-scheme:light dark;--back:#f8f9fa;--card:#fff;--line:#dee2e6;--edge:#868e96;--text:#101113;--dim:#495057;--main:#3b5bdb;--over:#364fc7;--focus:#3b5bdb;--link:#3b5bdb;--bad:#c92a2a;--pale:#fff5f5}
@media (prefers-color-scheme:dark){:root{--back:#1a1b1e;--card:#242424;--line:#424242;--edge:#828282;--text:#e9ecef;--dim:#a6a7ab;--main:#4263eb;--over:#3b5bdb;--focus:#748ffc;--link:#91a7ff;--bad:#ff8787;--pale:#3b2226}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--back);color:var(--text);font:16px/1.5 Inter,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{width:100%;max-width:400px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px;overflow-wrap:anywhere}
.mark{display:block;width:40px;height:40px;margin-bottom:20px}
h1{margin:0 0 12px;font-size:22px;line-height:1.3}
p{margin:0 0 16px;color:var(--dim)}
label{display:block;margin:16px 0 6px;font-size:14px;font-weight:600}
input{width:100%;padding:10px 12px;border:1px solid var(--edge);border-radius:8px;background:transparent;color:inherit;font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
button,.button{display:block;width:100%;margin-top:20px;padding:11px 16px;border:1px solid transparent;border-radius:8px;background:var(--main);color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--over)}
input[aria-invalid]{border-color:var(--bad)}
.quiet{margin-top:12px;border-color:var(--edge);background:transparent;color:inherit}
.quiet:hover{background:var(--back)}
a:not(.button){color:var(--link)}
.error{margin:0 0 16px;padding:10px 12px;border:1px solid var(--bad);border-radius:8px;background:var(--pale);color:var(--bad);font-size:14px}
.small{margin:20px 0 0;font-size:13px}
.hint{margin:6px 0 0;font-size:13px}
.or{display:flex;align-items:center;gap:12px;margin:24px 0 0;font-size:13px}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.said{padding:10px 12px;border:1px solid var(--line);border-radius:8px;color:inherit;font-size:14px}
dl{margin:0 0 8px;font-size:14px}
dt{color:var(--dim)}
dd{margin:0 0 10px}
`;
