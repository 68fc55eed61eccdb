import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCommandRunner } from '../../src/directory/command-runner.ts';
import type { ConnectionId, OrgId, UserId } from '../../src/directory/ids.ts';
import type { Authority } from '../../src/directory/roles/authority.ts';
import { createRoleCommands } from '../../src/directory/roles/commands.ts';
import { findAuthority } from '../../src/directory/roles/find-authority.ts';
import { createEmailChangeCommands } from '../../src/email-changes/commands.ts';
import { createExportCommands } from '../../src/exports/commands.ts';
import { createLifecycleCommands } from '../../src/lifecycle/commands.ts';
import { linksOf } from '../../src/notifications/mails.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createScimConnectionCommands } from '../../src/provisioning/commands.ts';
import { createSecondFactor } from '../../src/sign-in/second-factor.ts';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let user: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  user = await joins(rollcall, owner);
});
afterAll(() => rollcall.close());

const now = () => new Date();
const client = { ip: undefined, userAgent: undefined };
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** The owner as the commands see them, without any route. */
async function ownerWhoProved(provedAt: string | undefined): Promise<Authority> {
  const actor = { type: 'user', id: owner.id as UserId, via: 'api' } as const;
  const principal = { user: owner.id as UserId, origin: { actor, requestId: 'test' }, scopes: null };
  const { db } = rollcall.rollcall;
  const by = await findAuthority(
    db,
    organization.org as OrgId,
    principal,
    'users:manage',
    now().toISOString(),
  );
  return { ...(by as Authority), provedAt };
}

function commands() {
  const { db } = rollcall.rollcall;
  const seal = createSecretBox({ current: randomBytes(32), previous: [] });
  const runner = createCommandRunner({ db, now });
  const dependencies = { db, now, runner, seal, links: linksOf('https://rollcall.example') };
  return {
    roles: createRoleCommands(dependencies),
    lifecycle: createLifecycleCommands(dependencies),
    secondFactor: createSecondFactor(dependencies),
    emailChanges: createEmailChangeCommands(dependencies),
    scim: createScimConnectionCommands(dependencies),
    exports: createExportCommands(dependencies),
  };
}

const removal = { transferTo: undefined, force: false, ifMatch: undefined };
const offboarding = {
  removeGroups: false,
  revokeApiKeys: false,
  transferTo: undefined,
  withExport: true,
  force: false,
};
type Run = (all: ReturnType<typeof commands>, by: Authority) => Promise<unknown>;
const proven: readonly (readonly [name: string, run: Run])[] = [
  ['setOwner', ({ roles }, by) => roles.setOwner(by, user.id as UserId, true)],
  ['softDelete', ({ lifecycle }, by) => lifecycle.softDelete(by, user.id as UserId, removal)],
  ['erase', ({ lifecycle }, by) => lifecycle.erase(by, user.id as UserId, removal)],
  ['offboard with an export', ({ lifecycle }, by) => lifecycle.offboard(by, user.id as UserId, offboarding)],
  ['export', ({ exports }, by) => exports.begin(by, user.id as UserId)],
  ['enrol', ({ secondFactor }, by) => secondFactor.enrol(by)],
  ['disable', ({ secondFactor }, by) => secondFactor.disable(by)],
  ['reset', ({ secondFactor }, by) => secondFactor.reset(by, user.id as UserId)],
  ['requestOwn', ({ emailChanges }, by) => emailChanges.requestOwn(by, 'new@rollcall.example', client)],
  ['issue', ({ scim }, by) => scim.issue(by, organization.connection as ConnectionId, undefined)],
  [
    'rotate',
    ({ scim }, by) =>
      scim.rotate(by, organization.connection as ConnectionId, organization.org, {
        overlapHours: 1,
        expiresAt: undefined,
      }),
  ],
];

test.each(proven)(
  'R90: the command %s is rejected without a recent proof, whatever route it comes by',
  async (_, run) => {
    const before = (await owner.get(`/users/${user.id}`)).body;
    for (const provedAt of [undefined, minutesAgo(5)]) {
      await expect(run(commands(), await ownerWhoProved(provedAt))).rejects.toMatchObject({
        code: 'step_up_required',
      });
    }
    expect((await owner.get(`/users/${user.id}`)).body).toEqual(before);
  },
);

test('R90: a command with a proof of four minutes ago is carried out', async () => {
  const by = await ownerWhoProved(minutesAgo(4));
  await commands().lifecycle.softDelete(by, user.id as UserId, removal);
  expect((await owner.get(`/users/${user.id}`)).body.deletedAt).not.toBeNull();
});
