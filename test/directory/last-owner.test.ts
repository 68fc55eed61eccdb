import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type CommandContext,
  type CommandRunner,
  createCommandRunner,
  type UnlockedContext,
} from '../../src/directory/command-runner.ts';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { commit, type OwnerGuard } from '../../src/directory/last-owner.ts';
import { writeOwner, writeRole } from '../../src/directory/users/store/edits.ts';
import type { updateUserRow } from '../../src/directory/users/store/writes.ts';
import type { eraseUser, softDeleteUser } from '../../src/lifecycle/store/erasure.ts';
import type { writeUserStatus } from '../../src/lifecycle/store/status.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let runner: CommandRunner;
let org: OrgId;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  const { db } = rollcall.rollcall;
  runner = createCommandRunner({ db, now: () => new Date() });
  const organization = await rollcall.organization();
  org = organization.org as OrgId;
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const origin = { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' } as const;
const me = async () => (await owner.get(`/users/${owner.id}`)).body;
const eventsOf = async (action: string) =>
  rollcall.rollcall.db.search('select id from events where org_id = $1 and action = $2', [org, action]);

test('a command that takes the last owner away is rejected when it ends, and leaves no write and no event', async () => {
  const user = owner.id as UserId;
  const taking = runner.withOrganization(org, origin, async (context) => {
    const guard = context.requireActiveOwner(user, true);
    await writeRole(context.tx, org, guard, 'readonly', true, context.at);
    context.recordEvent({ action: 'user.owner_revoked', target: ['user', user] });
  });
  await expect(taking).rejects.toMatchObject({ code: 'last_owner' });
  expect((await me()).accessTier).toBe('super_admin');
  expect(await eventsOf('user.owner_revoked')).toEqual([]);
});

test('a commit that takes the last owner away is rolled back', async () => {
  const { db } = rollcall.rollcall;
  const risks = { user: owner.id as UserId, ownerLeaves: true, roleChanges: false };
  const taking = commit(db, org, risks, (tx, guard) => writeOwner(tx, org, guard, false, at()));
  await expect(taking).rejects.toMatchObject({ code: 'last_owner' });
  expect((await me()).accessTier).toBe('super_admin');
});

const at = () => new Date().toISOString();

type ThirdOf<Write extends (...given: never[]) => unknown> = Parameters<Write>[2];
const accepts = <Type>(..._values: Type[]) => {};

test('no write that can take an owner away compiles without the guard of a check', () => {
  // Never called. `npm run types` fails where an expected error does not occur.
  const compiled = (context: CommandContext, unlocked: UnlockedContext, user: UserId) => {
    accepts<ThirdOf<typeof writeRole>>(context.requireActiveOwner(user, true));
    // @ts-expect-error
    accepts<ThirdOf<typeof writeRole>>(user);
    // @ts-expect-error
    accepts<ThirdOf<typeof writeOwner>>(user);
    // @ts-expect-error
    accepts<ThirdOf<typeof writeUserStatus>>(user);
    // @ts-expect-error
    accepts<ThirdOf<typeof eraseUser>>(user);
    // @ts-expect-error
    accepts<ThirdOf<typeof softDeleteUser>>(user);
    // @ts-expect-error: the connection stands before the guard.
    accepts<Parameters<typeof updateUserRow>[3]>(user);
    // @ts-expect-error: an object of the same form is no guard.
    accepts<OwnerGuard>({ user });
    // @ts-expect-error: a command without the organization's lock can have no guard.
    accepts(unlocked.requireActiveOwner);
    // @ts-expect-error: a commit must say what it risks.
    accepts<ThirdOf<typeof commit>>({ user });
  };
  expect(compiled).toBeInstanceOf(Function);
});

test('the statements that can take an owner away are those whose functions require the guard', () => {
  const takesOwner =
    /name: ?'([a-z-]+)'|const (?:insert|update) = \(name|update users(?: u)? set (?:(?!where)[^`])*?\b(?:status|role|owner|deleted_at) = |delete from users\b/g;
  const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?:^|\/)store(?:\/.*)?\.ts$/.test(file))
    .flatMap((file) => {
      let name = '';
      return [...readFileSync(join('src', file), 'utf8').matchAll(takesOwner)].flatMap(([text, named]) => {
        if (/^(?:update users|delete from)/.test(text)) return [`${file} ${name}`.trim()];
        name = named ?? '';
        return [];
      });
    });
  expect(found.sort()).toEqual([
    // Brings back, and takes nothing away.
    'directory/users/store/edits.ts directory-user-restore',
    'directory/users/store/edits.ts directory-user-set-owner',
    'directory/users/store/edits.ts directory-user-set-role',
    'directory/users/store/writes.ts',
    'lifecycle/store/erasure.ts user-erase',
    'lifecycle/store/erasure.ts user-soft-delete',
    'lifecycle/store/status.ts user-set-status',
    // Leaves owners out by itself: `and not u.owner`.
    'lifecycle/store/status.ts user-switch-status',
  ]);
});
