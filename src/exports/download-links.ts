import type { OrgId, UserId } from '../directory/ids.ts';
import type { SecretBox } from '../platform/secret-box.ts';

const PURPOSE = 'export download';
const FORM = /^token_((?:[0-9a-f]{2}){32,512})$/;

/** The content of an export's link: the export, the user it was created for, its expiry and when it was made (ISO 8601). */
export interface Download {
  readonly org: OrgId;
  readonly id: string;
  readonly by: UserId;
  readonly expiresAt: string;
  readonly madeAt: string;
}

/**
 * The token of a link that opens one export without a session: sealed under the operator's key, so that no one
 * makes or changes one, in hexadecimal digits, so that no log that leaves out `token_…` keeps a part of it.
 */
export function writeDownloadToken(seal: SecretBox, { org, id, by, expiresAt, madeAt }: Download): string {
  const sealed = seal.seal(JSON.stringify([org, id, by, expiresAt, madeAt]), PURPOSE);
  return `token_${Buffer.from(sealed, 'base64url').toString('hex')}`;
}

/** @returns undefined if the token is not ours or has expired */
export function readDownloadToken(seal: SecretBox, token: string, now: Date): Download | undefined {
  const digits = FORM.exec(token)?.[1];
  if (digits === undefined) return undefined;
  const text = open(seal, Buffer.from(digits, 'hex').toString('base64url'));
  if (text === undefined) return undefined;
  type Content = [OrgId, string, UserId, string, string | undefined];
  // Links of an older version of Rollcall do not tell when they were made.
  const [org, id, by, expiresAt, madeAt = new Date(0).toISOString()] = JSON.parse(text) as Content;
  return Date.parse(expiresAt) > now.getTime() ? { org, id, by, expiresAt, madeAt } : undefined;
}

function open(seal: SecretBox, sealed: string): string | undefined {
  try {
    return seal.open(sealed, PURPOSE);
  } catch {
    return undefined;
  }
}
