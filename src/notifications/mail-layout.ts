import { truncate } from '../platform/truncate.ts';

/** A part of a mail with a heading of its own. */
export interface Section {
  readonly heading?: string;
  readonly items: readonly string[];
}

/** The content of a mail, before it is rendered. */
export interface Paragraphs {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly sections?: readonly Section[];
  readonly button?: { readonly label: string; readonly link: string };
  readonly notes: readonly string[];
  /** Why the recipient gets it, and how to change that: one sentence each. */
  readonly why?: readonly string[];
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
/** What mailboxes show beside the subject. */
const PREHEADER_LENGTH = 140;

/**
 * Colours of dark mode. Styles are inline for light, since some clients drop the style sheet; those that have a dark mode of
 * their own and keep the sheet get these.
 */
const DARK: Readonly<Record<string, string>> = {
  page: 'background:#0b1220!important;background-color:#0b1220!important',
  card: 'background:#151e2e!important;background-color:#151e2e!important;border-color:#2b3648!important',
  strong: 'color:#f3f4f6!important',
  body: 'color:#d1d5db!important',
  muted: 'color:#9ca3af!important',
  rule: 'border-color:#2b3648!important',
  link: 'color:#93b4ff!important',
  button: 'background:#3b6cf6!important;background-color:#3b6cf6!important',
};

/** One form for all mails: tables that mail clients agree on, styles inline, and the same as plain text. */
export function layout(organization: string, content: Paragraphs): { text: string; html: string } {
  return { text: asText(organization, content), html: asHtml(organization, content) };
}

function asText(
  organization: string,
  { heading, paragraphs, sections = [], button, notes, why = [] }: Paragraphs,
): string {
  return [
    heading,
    ...paragraphs,
    ...sections.flatMap(({ heading: title, items }) => [
      ...(title === undefined ? [] : [title]),
      items.map((item) => `  - ${item}`).join('\n'),
    ]),
    ...(button === undefined ? [] : [`${button.label}:\n${button.link}`]),
    ...notes,
    ...(why.length === 0 ? [] : [why.join(' ')]),
    `-- \n${organization}, by Rollcall`,
  ].join('\n\n');
}

function asHtml(
  organization: string,
  { subject, heading, paragraphs, sections = [], button, notes, why = [] }: Paragraphs,
): string {
  const rows = [
    `<h1 class="strong" style="margin:0 0 16px;font-size:22px;line-height:1.3;font-weight:600;color:#111827;${FONT}">${escapeHtml(heading)}</h1>`,
    ...paragraphs.map((text) => paragraph('body', '0 0 16px', 16, '#374151', text)),
    ...sections.map(sectionHtml),
    ...(button === undefined ? [] : [buttonHtml(button)]),
    ...notes.map((text) => paragraph('muted', '0 0 8px', 14, '#6b7280', text)),
  ];
  const preheader = escapeHtml(previewOf(paragraphs, sections));
  // Fills the rest of the preview, so that clients do not take the heading into it.
  const filling = '&#847;&zwnj;&nbsp;'.repeat(40);
  return `<!doctype html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="x-apple-disable-message-reformatting"><meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escapeHtml(subject)}</title>
<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
${darkRules()}
@media (max-width:480px){.pad{padding:24px 20px!important}.outer{padding:16px 8px!important}}
</style></head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6;-webkit-text-size-adjust:100%;${FONT}">
<div style="display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:#f3f4f6">${preheader}${filling}</div>
<table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f6"><tr><td class="outer" align="center" style="padding:32px 16px">
<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;width:100%">
<tr><td class="strong" style="padding:0 8px 12px;font-size:15px;font-weight:600;color:#111827;text-align:left;${FONT}">${escapeHtml(organization)}</td></tr>
<tr><td class="card pad" style="padding:32px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px;text-align:left;${FONT}">
${rows.join('\n')}
</td></tr>
<tr><td style="padding:16px 8px 0;text-align:left">
${[...(why.length === 0 ? [] : [why.join(' ')]), `${organization}, by Rollcall`].map((text) => paragraph('muted', '0 0 6px', 12, '#6b7280', text)).join('\n')}
</td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body></html>`;
}

/** What a mailbox shows beside the subject: what happened, before how it is introduced. */
function previewOf(paragraphs: readonly string[], sections: readonly Section[]): string {
  const said = sections.flatMap(({ items }) => items);
  return truncate((said.length === 0 ? paragraphs : said).join(' '), PREHEADER_LENGTH);
}

const paragraph = (kind: string, margin: string, size: number, color: string, text: string): string =>
  `<p class="${kind}" style="margin:${margin};font-size:${size}px;line-height:1.5;color:${color};overflow-wrap:anywhere;${FONT}">${escapeHtml(text)}</p>`;

function sectionHtml({ heading, items }: Section): string {
  const title =
    heading === undefined
      ? ''
      : `<h2 class="strong" style="margin:8px 0;font-size:16px;line-height:1.4;font-weight:600;color:#111827;${FONT}">${escapeHtml(heading)}</h2>\n`;
  const rows = items.map(
    (item) =>
      `<tr><td class="body rule" style="padding:10px 0;border-top:1px solid #e5e7eb;font-size:15px;line-height:1.5;color:#374151;overflow-wrap:anywhere;word-break:break-word;${FONT}">${escapeHtml(item)}</td></tr>`,
  );
  return `${title}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px;table-layout:fixed">${rows.join('')}</table>`;
}

function buttonHtml({ label, link }: { readonly label: string; readonly link: string }): string {
  const address = escapeHtml(link);
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px"><tr><td class="button" style="border-radius:6px;background:#1d4ed8"><a href="${address}" style="display:inline-block;padding:12px 24px;font-size:16px;font-weight:600;color:#ffffff;text-decoration:none;${FONT}">${escapeHtml(label)}</a></td></tr></table>
<p class="muted" style="margin:0 0 16px;font-size:13px;line-height:1.5;color:#6b7280;${FONT}">Or open this address: <a class="link" href="${address}" style="color:#1d4ed8;word-break:break-all">${address}</a></p>`;
}

/** The rules of dark mode; Outlook marks what it has darkened itself with data-ogsc. */
function darkRules(): string {
  const rules = Object.entries(DARK);
  const media = rules.map(([name, style]) => `.${name}{${style}}`).join('');
  const outlook = rules.map(([name, style]) => `[data-ogsc] .${name}{${style}}`).join('');
  return `@media (prefers-color-scheme:dark){${media}}\n${outlook}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
