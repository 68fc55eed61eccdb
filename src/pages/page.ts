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

const MARK = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><rect class="tile" width="24" height="24" rx="6.5"/><g stroke-width="2" stroke-linecap="round" fill="none"><path d="M10.5 7h7.5M10.5 17h7.5M6 7h.01M6 17h.01" opacity=".62"/><path d="M5.6 12.1l2 2 3.6-4.2M14 12h4"/></g></svg>`;

/** What a page runs; without scripts the reader has a button, or a field more. */
const SCRIPTS = {
  /** Sends the first form. */
  submit: 'document.forms[0].submit()',
  /** Takes what the address has behind its #, which no server and no log sees, into the form and out of the address. */
  takeToken:
    "const t=location.hash.slice(1),f=document.forms[0].elements.token;if(t){f.value=t;f.parentElement.hidden=true;history.replaceState(null,'',location.pathname)}",
  /** Lets the reader look at a password, and says how many characters are missing while a new one is typed. */
  password:
    "for(const f of document.querySelectorAll('input[type=password]')){const b=document.createElement('button');b.type='button';b.className='look';b.textContent='Show';b.setAttribute('aria-label','Show the password');b.onclick=()=>{const shown=f.type==='text';f.type=shown?'password':'text';b.textContent=shown?'Show':'Hide';b.setAttribute('aria-label',shown?'Show the password':'Hide the password')};const w=document.createElement('span');w.className='field';f.replaceWith(w);w.append(f,b);if(f.autofocus)f.focus();const r=document.getElementById('rule');if(r&&f.autocomplete==='new-password'){const s=document.createElement('span');s.setAttribute('aria-live','polite');r.prepend(s);f.oninput=()=>{const n=f.value.length,m=f.minLength;s.textContent=n===0?'':n<m?(m-n)+' more. ':'Long enough. ';s.className=n<m?'':'good'}}}",
} as const;
const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** The organization that a page names. */
export interface Whose {
  readonly name: string;
  /** The path of its logo. */
  readonly logo: string | undefined;
}

export interface Page {
  readonly title: string;
  readonly body: Html;
  readonly runs?: readonly (keyof typeof SCRIPTS)[];
  /** Whose page it is, where that is known. */
  readonly organization?: Whose;
  /** What stands below the card. */
  readonly foot?: Html;
}

/** Sends a page that no other site can frame, that runs no script but ours, and that no one keeps. */
export function sendPage(
  response: Response,
  status: number,
  { title, body, runs = [], organization, foot }: Page,
): void {
  const scripts = runs.map((name) => html`<script>${trusted(SCRIPTS[name])}</script>`);
  const whose =
    organization === undefined ? MARK : html`${markOf(organization)}<b dir="auto">${organization.name}</b>`;
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/sso/style.css"></head>
<body><div class="page"><header class="whose">${whose}</header><main><h1>${title}</h1>${body}</main>${foot === undefined ? undefined : html`<footer class="foot">${foot}</footer>`}</div>${scripts}</body></html>`;
  // No form-action: browsers hold it against the redirect to the provider, too.
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    ...(organization?.logo === undefined ? [] : ["img-src 'self'"]),
    ...(runs.length === 0 ? [] : [`script-src ${runs.map((name) => hashOf(SCRIPTS[name])).join(' ')}`]),
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

/** The name stands beside it: a reader who cannot see it misses nothing. */
const markOf = ({ name, logo }: Whose): Html =>
  logo === undefined
    ? html`<span class="initial" aria-hidden="true">${[...name][0] ?? ''}</span>`
    : html`<img class="logo" src="${logo}" alt="">`;

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
    runs: ['submit'],
    body: html`<p>One moment.</p><form method="post" action="${action}">${inputs}<noscript><button>Continue</button></noscript></form>`,
  };
}

/** The one style sheet of these pages, light and dark as the reader has it: the console's colours and type. */
export const STYLE = `:root{color-scheme:light dark;--back:#f7f6f3;--card:#fff;--line:#e7e4de;--edge:#d2cec5;--control:#8a857a;--text:#1c1b18;--dim:#635e55;--main:#0b6470;--over:#084f59;--on:#fff;--link:#0b6470;--bad:#ac2a1f;--badline:#efc0b8;--pale:#fceeeb;--good:#3a701a}
@media (prefers-color-scheme:dark){:root{--back:#121110;--card:#191816;--line:#2c2a26;--edge:#423f39;--control:#827c70;--text:#ece9e2;--dim:#a8a296;--main:#57b3bd;--over:#90d8df;--on:#06272c;--link:#70cad3;--bad:#f2988b;--badline:#60302a;--pale:#331b18;--good:#98cc6d}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--back);color:var(--text);font:14px/20px "Inter Variable",Inter,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;font-feature-settings:"cv05","ss03"}
.page{width:100%;max-width:392px}
.whose{display:flex;align-items:center;gap:10px;margin:0 2px 20px;font-size:15px}
.whose b{font-weight:600;overflow-wrap:anywhere}
.mark{display:block;width:30px;height:30px}
.tile{fill:var(--main)}
.mark g{stroke:var(--on)}
.logo{flex:none;max-width:160px;max-height:40px;border-radius:4px}
@media (prefers-color-scheme:dark){.logo{box-sizing:content-box;padding:4px 6px;background:#fff}}
.initial{display:grid;place-items:center;flex:none;width:30px;height:30px;border-radius:8px;background:var(--text);color:var(--card);font-weight:620}
main{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:28px;overflow-wrap:anywhere}
h1{margin:0 0 6px;font-size:20px;line-height:28px;font-weight:620;letter-spacing:-.02em}
p{margin:0 0 14px;color:var(--dim)}
p:last-child{margin-bottom:0}
label{display:block;margin:16px 0 5px;font-size:12px;line-height:16px;font-weight:540}
input{width:100%;height:38px;padding:0 10px;border:1px solid var(--control);border-radius:6px;background:transparent;color:inherit;font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
button,.button{display:block;width:100%;height:38px;margin-top:20px;padding:0 14px;border:1px solid transparent;border-radius:6px;background:var(--main);color:var(--on);font:inherit;line-height:36px;font-weight:540;text-align:center;text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--over)}
input[aria-invalid]{border-color:var(--bad)}
.quiet{margin-top:12px;border-color:var(--edge);background:transparent;color:inherit}
.quiet:hover{background:var(--back)}
.field{position:relative;display:block}
.field input{padding-right:64px}
.look,.look:hover{position:absolute;inset-block:4px;right:4px;width:auto;height:30px;margin:0;padding:0 10px;background:transparent;color:var(--link);font-size:12px;line-height:28px}
a:not(.button){color:var(--link);font-weight:500}
.error{margin:8px 0 16px;padding:10px 12px;border:1px solid var(--badline);border-radius:8px;background:var(--pale);color:var(--bad)}
.small{margin:16px 0 0;font-size:12px;line-height:16px}
.hint{margin:6px 0 0;font-size:12px;line-height:16px}
.good{color:var(--good);font-weight:540}
.or{display:flex;align-items:center;gap:12px;margin:20px 0 0;font-size:12px}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.said{padding:10px 12px;border:1px solid var(--line);border-radius:8px;color:inherit}
dl{margin:0 0 8px}
dt{color:var(--dim)}
dd{margin:0 0 10px}
.foot{margin:14px 4px 0;font-size:12px;line-height:16px;color:var(--dim)}
@media (pointer:coarse){input,button:not(.look),.button{height:44px;line-height:42px}}
`;
