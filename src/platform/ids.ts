import { createHash, randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4_096);
let used = pool.length;

/**
 * Makes a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, 74 random bits, so that ids made later sort
 * later and an index grows at its end.
 */
export function uuidv7(now: number = Date.now()): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString('hex', used, used + 10);
  used += 10;
  const time = now.toString(16).padStart(12, '0');
  const variant = ((Number.parseInt(random[3] as string, 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
}

/** The last time that an id may be of: clients send any id, and neither ISO 8601 nor Postgres goes on as far as those. */
const LAST_MS = Date.UTC(9999, 11, 31);

/**
 * The smallest UUIDv7 of a time: whatever was made then or later is not below it.
 * @param time in milliseconds; one before 1970 or after 9999 is taken for the first or the last
 */
export function smallestUuidv7(time: number): string {
  const digits = Math.min(Math.max(time, 0), LAST_MS).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

/** Whether a text is a UUID in the form that Postgres and Rollcall write. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** A UUID that may be written in any case, in the form that Postgres and Rollcall write; undefined if it is none. */
export function parseUuid(text: string): string | undefined {
  const id = text.toLowerCase();
  return isUuid(id) ? id : undefined;
}

/** The time at which a UUIDv7 was made, in whole milliseconds; of an id from after 9999 the last time. */
export function timeOfUuidv7(id: string): Date {
  return new Date(Math.min(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), LAST_MS));
}

/**
 * The id of what has a name and no id of its own: the same for the same names, a UUIDv8 (RFC 9562 §5.8) made of their
 * SHA-256. Never of personal values, which could be guessed and tried.
 */
export function idOfName(...names: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  const variant = ((Number.parseInt(hash[16] as string, 16) & 0x3) | 0x8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
