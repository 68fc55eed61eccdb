import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization({ name: 'Halden Instruments' });
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** The same picture with something behind it: another file. */
const ANOTHER = Buffer.concat([PNG, Buffer.from('another')]);

const put = (content: Buffer, type = 'image/png', by = owner) =>
  by.put('/organization/logo').set('Content-Type', type).send(content);
const urlOf = async (by = owner) =>
  ((await by.get('/me').expect(200)).body as { organization: { logo: string | null } }).organization.logo;
const page = (path: string) => request(rollcall.server).get(path);
const eventsOf = async (action: string) =>
  ((await owner.get(`/audit?action=${action}`)).body as { data: Json[] }).data;

test('a logo is served at an address of its own, for ever, and as an image alone', async () => {
  expect(await urlOf()).toBeNull();
  const { body } = await put(PNG, 'text/html').expect(200);
  expect(body).toEqual({
    url: expect.stringMatching(/^\/logo\/[\w-]{43}$/),
    type: 'image/png',
    width: 1,
    height: 1,
  });
  const { url } = body as { url: string };
  expect(await urlOf()).toBe(url);
  const answer = await page(url).expect(200);
  expect(answer.body).toEqual(PNG);
  expect(answer.headers).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  const missing = await page(`/logo/${'A'.repeat(43)}`).expect(404);
  expect(missing.headers['cache-control']).toBe('no-store');
  await page('/logo/x').expect(404);
});

test('the same image again changes nothing; another one has another address, and the old one ends', async () => {
  await put(PNG).expect(200);
  const before = await urlOf();
  const events = (await eventsOf('organization.logo_changed')).length;
  await put(PNG).expect(200);
  expect(await urlOf()).toBe(before);
  expect(await eventsOf('organization.logo_changed')).toHaveLength(events);
  await put(ANOTHER).expect(200);
  expect(await urlOf()).not.toBe(before);
  expect(await eventsOf('organization.logo_changed')).toHaveLength(events + 1);
  await page(before as string).expect(404);
});

test('two organizations with the same image have two addresses, so that no one learns who has which', async () => {
  const other = await rollcall.organization();
  const otherOwner = await signInAsOwner(rollcall, other);
  await put(PNG).expect(200);
  await put(PNG, 'image/png', otherOwner).expect(200);
  expect(await urlOf(otherOwner)).not.toBe(await urlOf());
  await otherOwner.delete('/organization/logo').expect(204);
  await page((await urlOf()) as string).expect(200);
});

test.each<[string, Buffer, number, string, RegExp]>([
  [
    'an SVG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    422,
    'invalid_logo',
    /SVG may hold scripts/,
  ],
  ['a text', Buffer.from('logo'), 422, 'invalid_logo', /not a PNG, JPEG or WebP/],
  ['nothing', Buffer.alloc(0), 422, 'invalid_logo', /not a PNG, JPEG or WebP/],
  [
    'a file that is too large',
    Buffer.concat([PNG, Buffer.alloc(256 * 1024)]),
    413,
    'logo_too_large',
    /256 KiB/,
  ],
  ['an image that is too wide', wide(), 422, 'invalid_logo', /4000 × 1 pixels/],
])(
  '%s is no logo, in one sentence, and the present one stays',
  async (_name, content, status, code, says) => {
    await put(PNG).expect(200);
    const before = await urlOf();
    const answer = await put(content).expect(status);
    expect(answer.body).toMatchObject({ code, detail: expect.stringMatching(says) });
    expect(await urlOf()).toBe(before);
  },
);

function wide(): Buffer {
  const image = Buffer.concat([PNG, deflateSync('')]);
  image.writeUInt32BE(4_000, 16);
  return image;
}

test('the page of an invitation shows the logo of its organization, and a page that names none shows none', async () => {
  await put(PNG).expect(200);
  const email = 'newcomer@rollcall.example';
  await owner.post('/invitations', { email }).expect(201);
  const link = /http\S+(\/invite\/\S+)/.exec((await mailsTo(rollcall, email)).at(-1)?.text ?? '')?.[1];
  const invitation = await page(link as string).expect(200);
  expect(invitation.text).toContain(`<img class="logo" src="${await urlOf()}" alt="">`);
  expect(invitation.text).toContain('Halden Instruments');
  expect(invitation.headers['content-security-policy']).toContain("img-src 'self'");

  const signIn = await request(rollcall.server)
    .post('/sign-in')
    .type('form')
    .send({ email: organization.ownerEmail })
    .expect(200);
  for (const other of [
    signIn,
    await page('/sign-in'),
    await page('/forgot-password'),
    await page('/reset-password'),
  ]) {
    expect(other.text).not.toContain('/logo/');
    expect(other.headers['content-security-policy']).not.toContain('img-src');
  }

  await owner.delete('/organization/logo').expect(204);
  expect((await page(link as string)).text).not.toContain('<img');
  await owner.delete('/organization/logo').expect(404);
  expect(await eventsOf('organization.logo_removed')).not.toEqual([]);
});

test('who may not change settings changes no logo', async () => {
  const reader = await joins(rollcall, owner);
  await put(PNG, 'image/png', reader).expect(403);
  await reader.delete('/organization/logo').expect(403);
});
