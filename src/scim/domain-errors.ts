import { DomainError, type DomainErrorKind } from '../directory/errors.ts';
import { BodyTooLarge } from '../http/body.ts';
import { TooBusy } from '../http/bounded-semaphore.ts';
import { MalformedJson } from '../http/json.ts';
import { MalformedQuery } from '../http/query.ts';
import { TooManyRequests } from '../http/rate-limit.ts';
import { describeUnavailable, RETRY_AFTER } from '../http/unavailable.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { ScimError, type ScimType } from './errors.ts';

/** What each kind of the directory's refusals is in this protocol (RFC 7644 §3.12). */
const answers = {
  missing: [404, undefined],
  taken: [409, 'uniqueness'],
  invalid: [400, 'invalidValue'],
  stale: [412, undefined],
  conflict: [409, undefined],
  busy: [503, undefined],
  forbidden: [403, undefined],
  unauthenticated: [401, undefined],
  gone: [410, undefined],
  unconfirmed: [409, undefined],
  too_large: [413, undefined],
  too_costly: [400, 'tooMany'],
  throttled: [429, undefined],
} satisfies Record<DomainErrorKind, readonly [status: number, scimType: ScimType | undefined]>;

/** @returns the error to answer with, or undefined for a failure of ours */
export function toScimError(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (error instanceof DomainError) {
    const [status, scimType] = answers[error.kind];
    const { retryAfter } = error;
    const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    return new ScimError(status, scimType, error.message, headers);
  }
  if (error instanceof MalformedJson) return new ScimError(400, 'invalidSyntax', error.message);
  if (error instanceof MalformedQuery) return new ScimError(400, 'invalidValue', error.message);
  if (error instanceof BodyTooLarge) {
    const detail = `The body is larger than ${error.limit} bytes: send less per request.`;
    return new ScimError(413, undefined, detail, { Connection: 'close' });
  }
  if (error instanceof TooManyRequests) {
    const detail = `Too many requests: try again in ${error.retryAfter} s.`;
    return new ScimError(429, undefined, detail, { 'Retry-After': String(error.retryAfter) });
  }
  if (error instanceof TooBusy) {
    const detail = 'Other large requests are being worked on: send this one again in a moment.';
    return new ScimError(503, undefined, detail, { 'Retry-After': '5' });
  }
  if (error instanceof DatabaseUnavailable) {
    return new ScimError(503, undefined, describeUnavailable(error), { 'Retry-After': RETRY_AFTER });
  }
  return undefined;
}
