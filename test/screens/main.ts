import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../src/platform/package-root.ts';
import { buildPrograms } from '../support/built-programs.mjs';
import { startTestPostgres } from '../support/postgres.ts';
import { fillOrganization, type Shown } from './organization.ts';

const USAGE = `npm run screens -- [--only TEXT]

Writes a picture of every page of the console, light and dark, wide and narrow, to docs/screens/. --only: the pages whose
name contains the text.`;

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;

const pagesOf = ({ person, group, scim, sso, review, webhook }: Shown): Readonly<Record<string, string>> => ({
  home: '/',
  users: '/users',
  'users-panel': `/users?open=${person}`,
  invite: '/users?invite=open',
  import: '/users/import',
  'person-profile': `/users/${person}?tab=profile`,
  'person-groups': `/users/${person}?tab=groups`,
  'person-access': `/users/${person}?tab=access`,
  'person-security': `/users/${person}?tab=security`,
  'person-activity': `/users/${person}?tab=activity`,
  'person-history': `/users/${person}?tab=history`,
  groups: '/groups',
  group: `/groups/${group}`,
  'temporary-roles': '/elevations',
  reviews: '/reviews',
  review: `/reviews/${review}`,
  'single-sign-on': '/single-sign-on',
  'single-sign-on-set-up': `/single-sign-on/${sso}`,
  provisioning: '/provisioning',
  'provisioning-overview': `/provisioning/${scim}`,
  'provisioning-log': `/provisioning/${scim}?tab=log`,
  'provisioning-tokens': `/provisioning/${scim}?tab=tokens`,
  alerts: '/alerts',
  activity: '/activity',
  audit: '/audit',
  posture: '/posture',
  history: '/history',
  'api-keys': '/api-keys',
  'service-accounts': '/service-accounts',
  webhooks: '/webhooks',
  webhook: `/webhooks/${webhook}`,
  jobs: '/jobs',
  'api-reference': '/api-reference',
  settings: '/settings',
  account: '/account',
  help: '/help',
  components: '/components',
});

async function show(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate('document.fonts.ready.then(() => undefined)');
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  buildPrograms();
  const postgres = await startTestPostgres();
  // Loaded late: it looks for a browser, and installs one where it may.
  const { CHROMIUM, startConsole } = await import('../support/console.ts');
  try {
    if (CHROMIUM === undefined) return 1;
    const console_ = await startConsole();
    const folder = join(packageRoot(import.meta.url), 'docs', 'screens');
    if (values.only === undefined) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    try {
      const shown = await fillOrganization(console_.rollcall, console_.organization);
      const visitor = await console_.open('/sign-in?with=password');
      const page = await console_.signIn();
      const all = Object.entries(pagesOf(shown)).filter(([name]) => name.includes(values.only ?? ''));
      for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of ['light', 'dark'] as const) {
          const take = async (of: Page, name: string, path: string) => {
            await of.setViewportSize(viewport);
            await of.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await show(of, console_.base + path);
            const file = `${name}-${size}-${colorScheme}.png`;
            await of.screenshot({ path: join(folder, file) });
          };
          if (values.only === undefined) await take(visitor, 'sign-in', '/sign-in?with=password');
          for (const [name, path] of all) await take(page, name, path);
          process.stdout.write(`${size}, ${colorScheme}: ${all.length} pages\n`);
        }
      }
      for (const line of console_.complaints) process.stdout.write(`The browser complains: ${line}\n`);
      return console_.complaints.length === 0 ? 0 : 1;
    } finally {
      await console_.close();
    }
  } finally {
    await postgres.stop();
  }
}

process.exitCode = await main();
