import { truncate } from '../platform/truncate.ts';
import { MetadataError } from './metadata-error.ts';
import { timeOf } from './times.ts';
import type { XmlElement } from './xml.ts';
import { attribute } from './xml-readers.ts';

/** How long metadata may be used. */
export interface MetadataValidity {
  readonly validUntil: Date | undefined;
  /** In seconds: it is fetched again after that time at the latest. */
  readonly cacheDuration: number | undefined;
}

/** xs:duration without a sign. */
const DURATION =
  /^P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?$/;

/** Seconds of each part, a year and a month as long as they usually are. */
const SECONDS = [365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1] as const;

/**
 * The strictest validity of a role, its entity and their groups (SAML Metadata §2.3, §2.4).
 * @throws MetadataError if it has ended, or says what cannot be read
 */
export function readValidity(role: XmlElement, now: Date): MetadataValidity {
  let validUntil: Date | undefined;
  let cacheDuration: number | undefined;
  for (let each: XmlElement | undefined = role; each !== undefined; each = each.parent) {
    const until = timeOf(each, 'validUntil');
    if (until !== undefined && (validUntil === undefined || until < validUntil)) validUntil = until;
    const duration = attribute(each, 'cacheDuration');
    if (duration !== undefined) {
      cacheDuration = Math.min(secondsOf(duration.trim()), cacheDuration ?? Number.POSITIVE_INFINITY);
    }
  }
  if (validUntil !== undefined && validUntil <= now) {
    throw new MetadataError(
      `The metadata was valid until ${validUntil.toISOString()}. Fetch it again at the provider.`,
    );
  }
  return { validUntil, cacheDuration };
}

function secondsOf(duration: string): number {
  const parts = DURATION.exec(duration);
  if (parts === null) {
    throw new MetadataError(
      `The cacheDuration of the metadata is not a valid duration: “${truncate(duration, 50)}”.`,
    );
  }
  return SECONDS.reduce((sum, seconds, place) => sum + Number(parts[place + 1] ?? 0) * seconds, 0);
}
