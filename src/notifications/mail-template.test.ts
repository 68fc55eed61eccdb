import { expect, test } from '@jest/globals';
import { renderMail } from './mail-template.ts';

const shared = { to: 'ada@acme.example', organization: 'Acme' } as const;
const NO_PAGES = { page: () => undefined };
const PAGES = { page: (path: string) => (path === '' ? undefined : `https://rollcall.example${path}`) };
const notices = {
  ...shared,
  template: 'notices',
  topic: 'urgent_alert',
  lines: ['HIGH: <b>Mallory</b> "&" Co.'],
  more: 0,
  path: '/alerts/1',
} as const;

test('a mail has a button only to a page that exists', () => {
  expect(renderMail(notices, NO_PAGES).text).not.toContain('http');
  const shown = renderMail(notices, PAGES);
  expect(shown.text).toContain('https://rollcall.example/alerts/1');
  expect(shown.html).toContain('href="https://rollcall.example/alerts/1"');
});

test('what is in a line is text, never HTML', () => {
  const { html } = renderMail(notices, NO_PAGES);
  expect(html).toContain('HIGH: &lt;b&gt;Mallory&lt;/b&gt; &quot;&amp;&quot; Co.');
  expect(html).not.toContain('<b>');
});

test('a mail loads nothing and has both colour schemes', () => {
  const { html } = renderMail(notices, PAGES);
  expect(html).not.toMatch(/<img|<script|<link|url\(|@import|src=/);
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
  expect(html).toContain('prefers-color-scheme:dark');
});

test('a mail says why its recipient gets it, and how to change that', () => {
  expect(renderMail(notices, NO_PAGES).text).toContain(
    'You get this mail because you are an administrator. To be told less often, see your notification settings',
  );
  const own = renderMail({ ...shared, template: 'password_changed' }, NO_PAGES);
  expect(own.text).toContain('because it is about your own account. It cannot be switched off.');
  // Whoever asked for a link knows why.
  const reset = renderMail(
    {
      ...shared,
      template: 'password_reset',
      link: 'https://a.example/',
      expiresAt: '2026-12-01T09:30:00.000Z',
    },
    NO_PAGES,
  );
  expect(reset.text).not.toContain('You get this mail');
});

test('a digest has a section for each topic and counts what is left out', () => {
  const { subject, text } = renderMail(
    {
      ...shared,
      template: 'digest',
      sections: [
        { topic: 'review', lines: ['One'], more: 0 },
        { topic: 'alert', lines: ['Two', 'Three'], more: 9 },
      ],
    },
    NO_PAGES,
  );
  expect(subject).toBe('Acme: 12 notifications');
  expect(text).toMatch(
    /Access reviews that wait for you\s+- One\s+Other alerts\s+- Two\s+- Three\s+- … and 9 more\./,
  );
});
