import request from 'supertest';
import { signInAsOwner, type TestUser } from '../admin.ts';
import { type Browser, createBrowser, type Page } from '../browser.ts';
import { type Json, OWNER_PASSWORD, startRollcall, type TestRollcall } from '../rollcall.ts';

/** A Rollcall that talks to providers on this machine, and one organization with its owner, who connects them. */
export interface Site {
  readonly rollcall: TestRollcall;
  readonly owner: TestUser;
  readonly publicUrl: string;
  /** Adds a draft. @param body as `POST /sso/connections` takes it */
  connect(body: Json): Promise<PageConnection>;
  /** A user as the directory has them now. */
  findUser(email: string): Promise<Json | undefined>;
  /** The signed-in user's name on the home page; undefined without a session. */
  signedInName(browser: Browser): Promise<string | undefined>;
  /** Presses the button on the home page. */
  signOut(browser: Browser): Promise<Page>;
  /** Asks to prove again who is signed in; it would lead to `/proved`. @returns the first page of the provider */
  stepUp(browser: Browser): Promise<Page>;
  close(): Promise<void>;
}

/** A connection as its administrator works with it, through the API. */
export interface PageConnection {
  readonly id: string;
  /** What to enter at the provider, by the name that the API gives it. */
  address(name: string): string;
  /** PEM. */
  certificate(use: 'signing' | 'encryption'): string;
  change(settings: Json): Promise<void>;
  provision(settings: Json): Promise<void>;
  /** Claims a domain and proves it. */
  prove(domain: string): Promise<void>;
  /** Runs the test in the owner's browser and switches the connection on. @param signIn what a user does at the provider */
  activate(signIn: (browser: Browser, page: Page) => Promise<Page>): Promise<void>;
  /** What came of the newest sign-in. */
  lastTrace(): Promise<Trace>;
}

export interface Trace {
  readonly outcome: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly seen: Json;
}

/** Starts one; `close` it in afterAll. */
export async function startSite(): Promise<Site> {
  const records = new Map<string, string>();
  const rollcall = await startRollcall({
    allowPrivateProviders: true,
    resolveTxt: async (name) => [[records.get(name) ?? '']],
  });
  const publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  const organization = await rollcall.organization();
  const owner = await signInAsOwner(rollcall, organization);

  const asOwner = async (): Promise<Browser> => {
    const browser = createBrowser();
    const form = await browser.get(`${publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email: organization.ownerEmail, password: OWNER_PASSWORD });
    return browser;
  };
  const home = (browser: Browser) => browser.get(`${publicUrl}/`);

  return {
    rollcall,
    owner,
    publicUrl,
    connect: async (body) => {
      const created = await requested(owner.post('/sso/connections', body));
      return runner(created as unknown as Created, owner, records, asOwner);
    },
    findUser: async (email) => (await owner.get(`/users?q=${encodeURIComponent(email)}`)).body.data[0],
    signedInName: async (browser) => /<h1>Hello, ([^<]*)</.exec((await home(browser)).text)?.[1],
    signOut: async (browser) => browser.submit(await home(browser)),
    stepUp: async (browser) => {
      const cookie = `sid=${browser.cookie(publicUrl, 'sid')}`;
      const me = await request(rollcall.server).get('/api/v1/me').set('Cookie', cookie);
      const headers = { Cookie: cookie, 'X-CSRF-Token': me.body.csrfToken };
      const begun = request(rollcall.server).post('/api/v1/auth/step-up/sso').set(headers);
      const { url } = await requested(begun.send({ returnTo: '/proved' }));
      return browser.get(String(url));
    },
    close: () => rollcall.close(),
  };
}

interface Created {
  readonly id: string;
  readonly serviceProvider: readonly { readonly name: string; readonly value: string }[];
  readonly keys: readonly { readonly use: string; readonly certificate: string }[];
}

function runner(
  { id, serviceProvider, keys }: Created,
  owner: TestUser,
  records: Map<string, string>,
  asOwner: () => Promise<Browser>,
): PageConnection {
  const path = `/sso/connections/${id}`;
  return {
    id,
    address: (name) => known(serviceProvider.find((each) => each.name === name)?.value, name),
    certificate: (use) => known(keys.find((each) => each.use === use)?.certificate, use),
    change: async (settings) => {
      await requested(owner.patch(path, { settings }));
    },
    provision: async (settings) => {
      await requested(owner.put(`${path}/jit`, settings));
    },
    prove: async (domain) => {
      const { data } = await requested(owner.put(`${path}/domains`, { domains: [{ domain }] }));
      const [{ record }] = data as [{ record: { name: string; value: string } }];
      records.set(record.name, record.value);
      await requested(owner.post(`${path}/domains/${domain}/verify`));
    },
    activate: async (signIn) => {
      const browser = await asOwner();
      const { testUrl } = await requested(owner.post(`${path}/test`));
      const page = await signIn(browser, await browser.get(String(testUrl)));
      if (!page.text.includes('The test passed')) {
        const result = (await owner.get(`${path}/test-result`)).text;
        throw new Error(
          `The test of the connection failed: ${result} ${page.url.href} ${page.text.slice(0, 3_000)}`,
        );
      }
      await requested(owner.post(`${path}/activate`));
    },
    lastTrace: async () => {
      const { data } = await requested(owner.get(`${path}/traces?limit=1`));
      return (data as [Trace])[0];
    },
  };
}

/** @throws Error unless it is done */
async function requested(
  request: PromiseLike<{ readonly status: number; readonly text: string; readonly body: Json }>,
): Promise<Json> {
  const { status, text, body } = await request;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body;
}

function known(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`The connection has no ${name}.`);
  return value;
}
