import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { createRollcall } from '../../src/app.ts';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { readExportedTable } from '../../src/exports/store.ts';
import { TOPIC_DECLARATIONS, TOPICS } from '../../src/notifications/topics.ts';
import { PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WHY = 'Needed for the incident of tonight.';

let clock: number;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface World {
  readonly rollcall: TestRollcall;
  readonly organization: TestOrganization;
  owner: TestUser;
  readonly mailServer: MailServer;
  readonly secretKey: Buffer;
}

/** A Rollcall whose clock stands at noon of a day to come, with an organization called Acme. */
async function start(): Promise<World> {
  clock = Math.floor(Date.now() / DAY) * DAY + DAY + 12 * HOUR;
  const mailServer = await startMailServer();
  ends.push(() => mailServer.stop());
  const secretKey = randomBytes(32);
  const rollcall = await startRollcall({
    now: () => new Date(clock),
    mail: mailServer.options,
    secretKey,
    allowPrivateWebhooks: true,
  });
  ends.push(() => rollcall.close());
  const organization = await rollcall.organization({ name: 'Acme' });
  const owner = await signInAsOwner(rollcall, organization);
  return { rollcall, organization, owner, mailServer, secretKey };
}

/** Invites a user and accepts, as they would: the link is in the mail that the mail server got. */
async function joins(
  { rollcall, mailServer }: World,
  inviter: TestUser,
  body: { readonly role?: string; readonly name?: string } = {},
): Promise<TestUser> {
  const email = `person-${randomBytes(5).toString('hex')}@acme.example`;
  await inviter.post('/invitations', { ...body, email, reason: 'They run the place.' }).expect(201);
  await rollcall.rollcall.runDueJobsOnce();
  const mail = mailServer.received.findLast(
    ({ to }) => to !== undefined && !Array.isArray(to) && to.text === email,
  );
  const token = /\/invite\/(token_\w+)/.exec(mail?.text ?? '')?.[1];
  await request(rollcall.server)
    .post(`/api/v1/invite/${token}/accept`)
    .send({ password: PASSWORD })
    .expect(200);
  return signIn(rollcall.server, email, PASSWORD);
}

/** Tells what is to be told now, sends it, and returns the subjects that an address got since the last time. */
async function mailsOf({ rollcall, mailServer }: World, { email }: { readonly email: string }) {
  await rollcall.rollcall.mailAlerts();
  await rollcall.rollcall.runDueJobsOnce();
  return mailServer.received.filter(({ to }) => to !== undefined && !Array.isArray(to) && to.text === email);
}
const subjectsOf = async (world: World, who: { readonly email: string }) =>
  (await mailsOf(world, who)).map(({ subject }) => subject ?? '');

/** Creates so many API keys of a user: each is an alert of medium severity only the first time. */
const makesKey = (who: TestUser) =>
  who.post('/me/api-keys', { name: 'Key', scopes: ['users:read'] }).expect(201);
const asks = (who: TestUser, role = 'configure') =>
  who.post('/me/elevations', { role, durationMinutes: 60, justification: WHY }).expect(201);
const watched = async ({ rollcall }: World) => rollcall.rollcall.watchForAlerts();
const prefers = (who: TestUser, topics: object) => who.put('/me/notifications', { topics }).expect(200);
const again = async (world: World) => {
  world.owner = await signInAsOwner(world.rollcall, world.organization);
};

describe('a request for temporary access', () => {
  test('is mailed at once to those who may approve it, and not to who asks; the decision to who asked', async () => {
    const world = await start();
    const { owner, mailServer } = world;
    const admin = await joins(world, owner, { role: 'admin' });
    const user = await joins(world, owner, { name: 'Jane Doe', role: 'configure' });
    mailServer.received.length = 0;
    const { id } = (await asks(user, 'admin')).body;
    for (const approver of [owner, admin]) {
      const [mail, ...more] = await mailsOf(world, approver);
      expect([mail?.subject, more]).toEqual(['Jane Doe asks for temporary admin access to Acme', []]);
      expect(mail?.text).toContain(WHY);
    }
    await owner.post(`/elevations/${id}/reject`, { reason: 'The incident is over.' }).expect(200);
    const own = await mailsOf(world, user);
    expect(own.map(({ subject }) => subject)).toEqual([
      'Your request for temporary admin access to Acme was rejected',
    ]);
    expect(own[0]?.text).toContain('The incident is over.');
  });

  test('of the role admin is told only to owners where only they may give it', async () => {
    const world = await start();
    const { owner, mailServer } = world;
    const admin = await joins(world, owner, { role: 'admin' });
    const user = await joins(world, owner, { role: 'configure' });
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } }).expect(200);
    mailServer.received.length = 0;
    await asks(user, 'admin');
    expect([(await mailsOf(world, owner)).length, (await mailsOf(world, admin)).length]).toEqual([1, 0]);
  });

  test('many of which come within an hour are five mails, and one with the rest', async () => {
    const world = await start();
    const { owner, mailServer } = world;
    const users = [];
    for (let number = 0; number < 8; number += 1) users.push(await joins(world, owner));
    mailServer.received.length = 0;
    for (const user of users) await asks(user);
    expect(await subjectsOf(world, owner)).toHaveLength(5);
    clock += 14 * MINUTE;
    expect(await subjectsOf(world, owner)).toHaveLength(5);
    clock += MINUTE;
    const subjects = await subjectsOf(world, owner);
    expect(subjects.slice(5)).toEqual(['Acme: Requests for temporary access, 3']);
    clock += 15 * MINUTE;
    expect(await subjectsOf(world, owner)).toHaveLength(6);
  });
});

describe('the digest', () => {
  test('goes once a day at the hour of the organization, also of two workers and after the clock went back', async () => {
    const world = await start();
    const { rollcall, owner, mailServer, secretKey } = world;
    const settings = { digestHour: 9, digestTimeZone: 'Asia/Tokyo' };
    await owner.patch('/settings', { settings }).expect(200);
    mailServer.received.length = 0;
    await makesKey(owner);
    await watched(world);
    expect(await subjectsOf(world, owner)).toEqual([]);
    const other = createRollcall({
      databaseUrl: rollcall.databaseUrl,
      log: pino({ level: 'silent' }),
      publicUrl: 'https://rollcall.example',
      now: () => new Date(clock),
      secretKey,
      mail: mailServer.options,
    });
    ends.push(() => other.close());
    // Nine in the morning of Tokyo.
    clock = Math.floor(clock / DAY) * DAY + DAY - MINUTE;
    expect(await subjectsOf(world, owner)).toEqual([]);
    clock += MINUTE;
    await Promise.all([rollcall.rollcall.mailAlerts(), other.mailAlerts()]);
    const [digest, ...more] = await mailsOf(world, owner);
    expect(more).toEqual([]);
    expect(digest?.subject).toBe('Acme: 1 notification');
    expect(digest?.text).toContain('Other alerts\n\n  - MEDIUM: ');

    clock -= HOUR;
    const user = await joins(world, owner, { role: 'admin' });
    await makesKey(user);
    await watched(world);
    for (let round = 0; round < 3; round += 1) {
      expect(
        (await mailsOf(world, owner)).filter(({ subject }) => subject?.includes('notification')),
      ).toHaveLength(1);
      clock += HOUR;
    }
    clock += DAY;
    expect(
      (await mailsOf(world, owner)).filter(({ subject }) => subject?.includes('notification')),
    ).toHaveLength(2);
  });

  test('has what a user chose to be told once a day, and what they switched off is in none', async () => {
    const world = await start();
    const { owner, mailServer } = world;
    const daily = await joins(world, owner, { role: 'admin' });
    const off = await joins(world, owner, { role: 'admin' });
    const user = await joins(world, owner, { name: 'Jane Doe' });
    await prefers(daily, { elevation_request: 'daily' });
    await prefers(off, { elevation_request: 'off' });
    mailServer.received.length = 0;
    await asks(user);
    expect([(await mailsOf(world, daily)).length, (await mailsOf(world, owner)).length]).toEqual([0, 1]);
    clock += DAY;
    const [digest] = await mailsOf(world, daily);
    expect(digest?.text).toContain('- Jane Doe asks for temporary configure access for 1 hour.');
    expect(await mailsOf(world, off)).toEqual([]);
  });

  test('is sent to no one who was deactivated or demoted meanwhile, or wants it no longer', async () => {
    const world = await start();
    const { rollcall, owner, mailServer } = world;
    const gone = await joins(world, owner, { role: 'admin' });
    const demoted = await joins(world, owner, { role: 'admin' });
    const silent = await joins(world, owner, { role: 'admin' });
    const loyal = await joins(world, owner, { role: 'admin' });
    await makesKey(owner);
    await watched(world);
    await rollcall.rollcall.mailAlerts();
    await owner.post(`/users/${gone.id}/deactivate`).expect(200);
    const { impactToken } = (await owner.get(`/users/${demoted.id}/role-impact?role=train`)).body;
    await owner.put(`/users/${demoted.id}/role`, { role: 'train', impactToken }).expect(200);
    await prefers(silent, { alert: 'off' });
    await rollcall.rollcall.runDueJobsOnce();
    mailServer.received.length = 0;
    clock += DAY;
    const counts = [];
    for (const who of [gone, demoted, silent, loyal]) counts.push((await mailsOf(world, who)).length);
    expect(counts).toEqual([0, 0, 0, 1]);
    // Not even queued.
    const mailed = await rollcall.rollcall.db.search<{ user_id: string }>(
      'select distinct user_id from notifications where topic = $1 and mail_id is not null',
      ['alert'],
    );
    expect(mailed.map(({ user_id }) => user_id).sort()).toEqual([owner.id, loyal.id].sort());
  });
});

test('a mail that waits for the mail server is not sent to who lost the rights meanwhile', async () => {
  const world = await start();
  const { owner, mailServer } = world;
  const admin = await joins(world, owner, { role: 'admin' });
  const user = await joins(world, owner);
  mailServer.received.length = 0;
  await asks(user);
  await owner.post(`/users/${admin.id}/deactivate`).expect(200);
  expect([(await mailsOf(world, admin)).length, (await mailsOf(world, owner)).length]).toEqual([0, 1]);
});

test('a locked account is told to its user and to administrators, once', async () => {
  const world = await start();
  const { rollcall, owner, mailServer } = world;
  const user = await joins(world, owner, { name: 'Jane Doe' });
  mailServer.received.length = 0;
  for (let round = 0; round < 6; round += 1)
    await signIn(rollcall.server, user.email, 'wrong').catch(() => {});
  for (let round = 0; round < 2; round += 1) {
    await watched(world);
    expect(await subjectsOf(world, user)).toEqual(['Your account at Acme was locked']);
    expect(await subjectsOf(world, owner)).toEqual([
      'Acme: HIGH: Jane Doe. 5 wrong passwords in a row locked the account.',
    ]);
  }
});

test('a dead job is told to administrators; a mail about it that is dead itself is not', async () => {
  const world = await start();
  const { rollcall, owner, mailServer } = world;
  mailServer.received.length = 0;
  mailServer.onRecipient = async (address) => (address === 'nobody@acme.example' ? 550 : undefined);
  await owner.post('/invitations', { email: 'nobody@acme.example' }).expect(201);
  await rollcall.rollcall.runDueJobsOnce();
  expect(await subjectsOf(world, owner)).toEqual([
    expect.stringMatching(/^Acme: 1 job of the kind send_mail failed for good/),
  ]);
  mailServer.onRecipient = async () => 550;
  clock += HOUR;
  await owner.post('/invitations', { email: 'nobody-2@acme.example' }).expect(201);
  const dead = async () => {
    await rollcall.rollcall.mailAlerts();
    await rollcall.rollcall.runDueJobsOnce();
    return (await owner.get('/jobs?state=dead&kind=send_mail')).body.data.length;
  };
  await rollcall.rollcall.runDueJobsOnce();
  clock += HOUR;
  // The two invitations and one mail about the second.
  expect([await dead(), await dead(), await dead()]).toEqual([3, 3, 3]);
});

describe('GET and PUT /me/notifications', () => {
  const topicsOf = async (who: TestUser) =>
    new Map(
      (await who.get('/me/notifications').expect(200)).body.topics.map((each: { topic: string }) => [
        each.topic,
        each,
      ]),
    ) as Map<string, { frequency: string; default: string; allowed: string[]; chosen: boolean }>;

  test('list what one’s rights reach, and choose within what is allowed', async () => {
    const world = await start();
    const { owner } = world;
    const user = await joins(world, owner);
    expect([...(await topicsOf(user)).keys()]).toEqual(['own_account', 'own_sign_ins', 'own_elevations']);
    expect((await user.put('/me/notifications', { topics: { alert: 'off' } })).body.code).toBe(
      'frequency_not_allowed',
    );
    expect((await user.put('/me/notifications', { topics: { own_sign_ins: 'off' } })).body).toMatchObject({
      code: 'frequency_not_allowed',
      detail: 'You cannot choose off for own_sign_ins: choose at_once.',
    });
    expect((await topicsOf(owner)).get('mass_change')).toMatchObject({ allowed: ['at_once'] });
    await prefers(owner, { alert: 'off', expiring: 'daily' });
    expect((await topicsOf(owner)).get('alert')).toMatchObject({
      frequency: 'off',
      default: 'daily',
      chosen: true,
    });
    await owner.patch('/settings', { settings: { notificationsRequired: ['alert'] } }).expect(200);
    expect((await topicsOf(owner)).get('alert')).toMatchObject({
      frequency: 'at_once',
      allowed: ['at_once'],
    });
    await prefers(owner, { expiring: null });
    expect((await topicsOf(owner)).get('expiring')).toMatchObject({ frequency: 'at_once', chosen: false });
    const { data } = (await owner.get('/audit?action=notifications.updated')).body;
    expect(data).toContainEqual(
      expect.objectContaining({
        target: expect.objectContaining({ id: owner.id }),
        changes: { values: { alert: [null, 'off'], expiring: [null, 'daily'] } },
      }),
    );
  });

  test('are in the personal export, and go with the erasure, as do lines about the user', async () => {
    const world = await start();
    const { rollcall, organization } = world;
    const user = await joins(world, world.owner, { role: 'admin' });
    await prefers(user, { alert: 'off' });
    await makesKey(user);
    await watched(world);
    await rollcall.rollcall.mailAlerts();
    const { db } = rollcall.rollcall;
    const exported = await readExportedTable(
      db,
      organization.org as OrgId,
      user.id as UserId,
      'notification_preferences',
    );
    expect(exported).toEqual([{ topic: 'alert', frequency: 'off' }]);
    const about = () => db.search('select from notifications where about_id = $1', [user.id]);
    expect(await about()).toHaveLength(1);
    await again(world);
    await world.owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
    expect(await about()).toEqual([]);
    expect(await db.search('select from notification_preferences', [])).toEqual([]);
  });
});

test('what an administrator of another organization does is told to no one else', async () => {
  const world = await start();
  const other = await signInAsOwner(world.rollcall, await world.rollcall.organization({ name: 'Other' }));
  await prefers(world.owner, { alert: 'at_once' });
  world.mailServer.received.length = 0;
  await makesKey(other);
  await watched(world);
  await world.rollcall.rollcall.mailAlerts();
  clock += DAY;
  expect((await mailsOf(world, other)).length).toBe(1);
  expect(await mailsOf(world, world.owner)).toEqual([]);
});

test('webhooks get the events that topics name', async () => {
  const world = await start();
  const { rollcall, owner } = world;
  const user = await joins(world, owner);
  const events = [...new Set(TOPICS.flatMap((topic) => TOPIC_DECLARATIONS[topic].events))];
  // Nothing listens there.
  const { webhook } = (await owner.post('/webhooks', { url: 'http://127.0.0.1:9/', events }).expect(201))
    .body;
  clock += MINUTE;
  const { id } = (await asks(user)).body;
  await owner.post(`/elevations/${id}/reject`, {}).expect(200);
  await makesKey(owner);
  await watched(world);
  clock += MINUTE;
  await rollcall.rollcall.deliverWebhooks();
  const { data } = (await owner.get(`/webhooks/${webhook.id}/deliveries`)).body;
  expect([...new Set(data.map(({ type }: { type: string }) => type))].sort()).toEqual([
    'alert.opened',
    'elevation.rejected',
    'elevation.requested',
  ]);
});

test('the document lists every topic as it is declared', async () => {
  const page = await readFile('docs/notifications.md', 'utf8');
  for (const topic of TOPICS) {
    const { title, audience, default: usual, allowed, ownersAtOnce, events } = TOPIC_DECLARATIONS[topic];
    const whole = audience !== 'self' && audience.wholeOrganization;
    const who =
      audience === 'self' ? 'oneself' : `\`${audience.permission}\`${whole ? '' : ', also of groups'}`;
    const choices = allowed.length === 1 ? 'nothing' : allowed.map((each) => `\`${each}\``).join(', ');
    const limit = ownersAtOnce === true ? '; owners nothing' : '';
    const told = events.map((event) => `\`${event}\``).join(', ') || 'none';
    expect(page).toContain(
      `| \`${topic}\` | ${title} | ${who} | \`${usual}\` | ${choices}${limit} | ${told} |`,
    );
  }
});
