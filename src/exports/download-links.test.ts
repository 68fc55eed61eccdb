import { expect, test } from '@jest/globals';
import type { OrgId, UserId } from '../directory/ids.ts';
import { createSecretBox } from '../platform/secret-box.ts';
import { readDownloadToken, writeDownloadToken } from './download-links.ts';

const seal = createSecretBox({ current: Buffer.alloc(32, 7), previous: [] });
const download = {
  org: '01890000-0000-7000-8000-000000000001' as OrgId,
  id: '01890000-0000-7000-8000-000000000002',
  by: '01890000-0000-7000-8000-000000000003' as UserId,
  expiresAt: '2026-05-02T12:00:00.000Z',
  madeAt: '2026-05-01T18:00:00.000Z',
};
const before = new Date('2026-05-02T11:59:59.999Z');

test('a token opens what it was made for, until its time and not at it', () => {
  const token = writeDownloadToken(seal, download);
  expect(readDownloadToken(seal, token, before)).toEqual(download);
  expect(readDownloadToken(seal, token, new Date(download.expiresAt))).toBeUndefined();
});

test('R18: a token consists of letters and digits and reveals nothing to its reader', () => {
  const token = writeDownloadToken(seal, download);
  expect(token).toMatch(/^token_[0-9a-f]+$/);
  expect(Buffer.from(token.slice(6), 'hex').includes(download.id)).toBe(false);
});

test('a token with any one digit changed, cut or lengthened opens nothing', () => {
  const token = writeDownloadToken(seal, download);
  for (let at = 6; at < token.length; at++) {
    const other = token[at] === '0' ? '1' : '0';
    expect(readDownloadToken(seal, token.slice(0, at) + other + token.slice(at + 1), before)).toBeUndefined();
  }
  for (const made of [token.slice(0, -2), `${token}00`, token.slice(6), token.toUpperCase(), 'token_', '']) {
    expect(readDownloadToken(seal, made, before)).toBeUndefined();
  }
});

test('what was sealed under another key, or for another purpose, opens nothing', () => {
  const other = writeDownloadToken(createSecretBox({ current: Buffer.alloc(32, 8), previous: [] }), download);
  const mail = Buffer.from(seal.seal(JSON.stringify(Object.values(download)), 'mail'), 'base64url');
  expect(readDownloadToken(seal, other, before)).toBeUndefined();
  expect(readDownloadToken(seal, `token_${mail.toString('hex')}`, before)).toBeUndefined();
});
