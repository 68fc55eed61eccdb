import { randomUUID } from 'node:crypto';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { hashToken } from '../platform/opaque-token.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { DAY_MS } from '../platform/time.ts';

const PURPOSE = 'known device';
const DAYS = 180;
const MOST_ACCOUNTS = 5;

/** The content of a device cookie: its id, and digests of the addresses that signed in on it, the last one first. */
interface Device {
  readonly id: string;
  readonly accounts: readonly string[];
  readonly at: number;
}

export interface KnownDevices {
  /** @returns the id of a device on which this address signed in before; undefined for any other */
  recognize(cookie: string | undefined, email: string, now: Date): string | undefined;
  /** @returns the value of the cookie after a right sign-in */
  remember(cookie: string | undefined, email: string, now: Date): string;
}

/** Builds the check of device cookies. One opens nothing: wrong passwords are counted for the device by itself. */
export function createKnownDevices(seal: SecretBox): KnownDevices {
  const open = (cookie: string | undefined, now: Date): Device | undefined => {
    if (cookie === undefined) return undefined;
    try {
      const device = JSON.parse(seal.open(cookie, PURPOSE)) as Device;
      return now.getTime() - device.at < DAYS * DAY_MS ? device : undefined;
    } catch {
      return undefined;
    }
  };
  const digestOf = (email: string) => hashToken(caseKey(email)).toString('base64url');
  return {
    recognize: (cookie, email, now) => {
      const device = open(cookie, now);
      return device?.accounts.includes(digestOf(email)) === true ? device.id : undefined;
    },
    remember: (cookie, email, now) => {
      const { id, accounts } = open(cookie, now) ?? { id: randomUUID(), accounts: [] };
      const digest = digestOf(email);
      const known = [digest, ...accounts.filter((each) => each !== digest)].slice(0, MOST_ACCOUNTS);
      const device: Device = { id, accounts: known, at: now.getTime() };
      return seal.seal(JSON.stringify(device), PURPOSE);
    },
  };
}
