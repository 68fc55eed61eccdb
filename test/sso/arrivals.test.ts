import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestPerson } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let tenant: TestTenant;
let owner: TestPerson;
let provider: TestProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  tenant = await rollcall.tenant();
  owner = await signInAsOwner(rollcall, tenant);
  provider = await connectSaml(rollcall, tenant, {
    domains: ['acme.example'],
    provisioning: { enabled: true, groupAttribute: 'memberOf' },
  });
});
afterAll(() => rollcall.close());

test('R48: the first sign-in creates the person, active and signed in', async () => {
  const browser = createBrowser();
  const page = await provider.signIn(browser, {
    nameId: 'jane@acme.example',
    attributes: [
      ['email', ['jane@acme.example']],
      ['displayName', ['Jane Doe']],
    ],
  });
  expect(page.text).toContain('Hello, Jane Doe');
  const { body } = await owner.get('/users?q=jane@acme.example');
  expect(body.data).toHaveLength(1);
  expect(body.data[0]).toMatchObject({ status: 'active', role: 'readonly', source: 'sso', name: 'Jane Doe' });
});
