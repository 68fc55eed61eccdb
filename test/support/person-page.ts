import type { Page } from 'playwright-core';
import { signIn, type TestUser } from './admin.ts';
import { startConsole, type TestConsole } from './console.ts';
import { OWNER_PASSWORD } from './rollcall.ts';

/** The console with an owner who looks at the pages of people, and a group Finance with the role configure. */
export interface PersonPages {
  readonly console: TestConsole;
  readonly page: Page;
  readonly owner: TestUser;
  /** @returns the id of a new active user */
  addUser(name: string, role?: string): Promise<string>;
  /** Opens a tab of the page of a user. */
  open(id: string, tab?: string): Promise<void>;
}

/** Starts it; close its `console` in afterAll. */
export async function startPersonPages(): Promise<PersonPages> {
  const console = await startConsole();
  const owner = await signIn(console.rollcall.server, console.organization.ownerEmail, OWNER_PASSWORD);
  await owner.post('/groups', { name: 'Finance', role: 'configure' }).expect(201);
  const page = await console.signIn();
  return {
    console,
    page,
    owner,
    addUser: async (name, role = 'train') => {
      const email = `${name.toLowerCase().replaceAll(' ', '.')}@halden.example`;
      const { body } = await owner
        .post('/users', { email, name, role, reason: 'For a test', invite: false })
        .expect(201);
      return body.user.id;
    },
    open: async (id, tab = 'profile') => {
      await page.goto(`${console.base}/users/${id}?tab=${tab}`);
    },
  };
}
