/** The content of a mail, before it is rendered. */
export interface Paragraphs {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly list?: readonly string[];
  readonly button?: { readonly label: string; readonly link: string };
  readonly notes: readonly string[];
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** One form for all letters: a table that mail clients agree on, styles inline, and the same as plain text. */
export function layout(organization: string, content: Paragraphs): { text: string; html: string } {
  return { text: asText(organization, content), html: asHtml(organization, content) };
}

function asText(organization: string, { heading, paragraphs, list = [], button, notes }: Paragraphs): string {
  return [
    heading,
    ...paragraphs,
    ...(list.length === 0 ? [] : [list.map((item) => `  - ${item}`).join('\n')]),
    ...(button === undefined ? [] : [`${button.label}:\n${button.link}`]),
    ...notes,
    `-- \n${organization}, by Rollcall`,
  ].join('\n\n');
}

function asHtml(
  organization: string,
  { subject, heading, paragraphs, list = [], button, notes }: Paragraphs,
): string {
  const rows = [
    `<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3;color:#111827">${escapeHtml(heading)}</h1>`,
    ...paragraphs.map(
      (text) =>
        `<p style="margin:0 0 16px;font-size:16px;line-height:1.5;color:#374151">${escapeHtml(text)}</p>`,
    ),
    ...(list.length === 0
      ? []
      : [
          `<ul style="margin:0 0 16px;padding-left:20px;font-size:16px;line-height:1.5;color:#374151">${list
            .map((item) => `<li>${escapeHtml(item)}</li>`)
            .join('')}</ul>`,
        ]),
    ...(button === undefined ? [] : [buttonHtml(button)]),
    ...notes.map(
      (text) =>
        `<p style="margin:0 0 8px;font-size:13px;line-height:1.5;color:#6b7280">${escapeHtml(text)}</p>`,
    ),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:0;background:#f3f4f6;${FONT}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px"><tr><td style="padding:32px;${FONT}">
${rows.join('\n')}
</td></tr></table>
<p style="margin:16px 0 0;font-size:12px;color:#6b7280;${FONT}">${escapeHtml(organization)}, by Rollcall</p>
</td></tr></table>
</body></html>`;
}

function buttonHtml({ label, link }: { readonly label: string; readonly link: string }): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:8px 0 24px"><tr><td style="border-radius:6px;background:#1d4ed8"><a href="${escapeHtml(
    link,
  )}" style="display:inline-block;padding:12px 24px;font-size:16px;font-weight:600;color:#ffffff;text-decoration:none;${FONT}">${escapeHtml(label)}</a></td></tr></table>
<p style="margin:0 0 16px;font-size:13px;line-height:1.5;color:#6b7280">Or open this address: <a href="${escapeHtml(link)}" style="color:#1d4ed8;word-break:break-all">${escapeHtml(link)}</a></p>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
