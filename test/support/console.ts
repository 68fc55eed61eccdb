import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { OWNER_PASSWORD, startRollcall, type TestOrganization, type TestRollcall } from './rollcall.ts';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Finds Chromium: the one that `TEST_CHROMIUM` names, or one that is installed; on a Debian machine of root's it is
 * installed where it is missing.
 * @returns undefined if there is none
 */
function findChromium(): string | undefined {
  const installed = () =>
    [process.env['TEST_CHROMIUM'], ...CANDIDATES].find((path) => path && existsSync(path));
  const found = installed();
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  // Several workers find it missing at once: one installs it, the others wait for that.
  const install = `test -e ${CANDIDATES[0]} || { apt-get -qq update; apt-get -qq install -y --no-install-recommends chromium; }`;
  spawnSync('flock', [join(tmpdir(), 'rollcall-chromium.lock'), 'sh', '-c', install], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 400_000,
  });
  return installed();
}

export const CHROMIUM = findChromium();
if (CHROMIUM === undefined) {
  process.stderr.write(
    'The tests of the console are skipped: there is no Chromium. Install it (apt-get install chromium) or name one in TEST_CHROMIUM.\n',
  );
}

/** A server with the built console, and a browser to look at it. */
export interface TestConsole {
  readonly rollcall: TestRollcall;
  readonly organization: TestOrganization;
  readonly base: string;
  /** A page of its own browser profile, in which the owner, or the one that is given, has signed in. */
  signIn(as?: { readonly email: string; readonly password: string }): Promise<Page>;
  /** A page without a session. */
  open(path: string): Promise<Page>;
  /** What pages have complained about in the browser's console: refused styles, failed requests, exceptions. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts one; `close` it in afterAll. @param options as `startRollcall` takes them */
export async function startConsole(options: Parameters<typeof startRollcall>[0] = {}): Promise<TestConsole> {
  const consoleFolder = join(process.env['TEST_BUILD'] ?? '', 'console');
  const rollcall = await startRollcall({ ...options, consoleFolder });
  const organization = await rollcall.organization({ name: 'Halden Instruments' });
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM as string,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const base = new URL(rollcall.base).origin;
  const complaints: string[] = [];
  const newPage = async (): Promise<Page> => {
    const context: BrowserContext = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // A refusal of the API is the page's to show; the browser reports it here, too.
      if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    return page;
  };
  return {
    rollcall,
    organization,
    base,
    complaints,
    signIn: async ({ email, password } = { email: organization.ownerEmail, password: OWNER_PASSWORD }) => {
      const page = await newPage();
      await page.goto(`${base}/sign-in?with=password`);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      return page;
    },
    open: async (path) => {
      const page = await newPage();
      await page.goto(base + path);
      return page;
    },
    close: async () => {
      await browser.close();
      await rollcall.close();
    },
  };
}

/**
 * What axe finds on a page (WCAG 2.2 AA): each problem with the elements that have it. In dark only what its colours do
 * is looked at: the rest is as it is in light.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe, matchMedia } = globalThis as unknown as {
      matchMedia(query: string): { readonly matches: boolean };
      axe: {
        run(
          options: object,
        ): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
      };
    };
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const { violations } = await axe.run({
      runOnly: isDark
        ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
        : {
            type: 'tag',
            values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
          },
    });
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  });
}

/** What axe finds on a page as it stands, in light and in dark. */
export async function problemsInBothSchemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const problem of await accessibilityProblems(page)) found.push(`${colorScheme}: ${problem}`);
  }
  return found;
}
