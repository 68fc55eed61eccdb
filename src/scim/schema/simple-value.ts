import { badRequest, quote } from '../errors.ts';
import { type Attribute, pathOf } from './attribute.ts';

/** Characters that a single string may have: room for a photo's data URI, not for a flood. */
const MAX_STRING = 65_536;

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const base64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;

/**
 * Checks a simple value against its attribute's type (RFC 7643 §2.3).
 * @returns the value as it is stored
 * @throws ScimError 400 `invalidValue` that says which type is expected
 */
export function parseSimple(attribute: Attribute, value: unknown): string | number | boolean {
  switch (attribute.type) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw mismatch(attribute, 'true or false', value);
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
      throw mismatch(attribute, 'a whole number between -(2^53 - 1) and 2^53 - 1', value);
    case 'decimal':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw mismatch(attribute, 'a number', value);
    case 'dateTime':
      if (typeof value === 'string' && isDateTime(value)) return value;
      throw mismatch(attribute, 'a date and time with a zone, as 2026-01-31T09:30:00Z', value);
    case 'binary':
      if (typeof value === 'string' && base64.test(value)) return checkString(attribute, value);
      throw mismatch(attribute, 'base64 text', value);
    default:
      if (typeof value === 'string') return checkString(attribute, value);
      throw mismatch(attribute, 'a string', value);
  }
}

/** The names that users are found by: a leading or trailing space would make them different names. */
const names = new Set(['userName', 'displayName']);

/** @returns the value without white space around it, if the attribute is `userName` or `displayName` */
export function trimmed<Value extends string | number | boolean>(
  { path: [name = '', ...rest] }: Attribute,
  value: Value,
): Value | string {
  return typeof value === 'string' && rest.length === 0 && names.has(name) ? value.trim() : value;
}

/**
 * True for a moment that exists, in the years and zones that Postgres and JavaScript both know (0001 to 9999, up to
 * 15:59).
 */
export function isDateTime(text: string): boolean {
  if (!dateTime.test(text) || text.startsWith('0000')) return false;
  if (!text.endsWith('Z') && Number(text.slice(-5, -3)) > 15) return false;
  const [date = '', hours] = [text.slice(0, 10), Number(text.slice(11, 13))];
  const day = new Date(`${date}T00:00:00Z`);
  return (
    !Number.isNaN(day.getTime()) &&
    day.toISOString().startsWith(date) &&
    hours < 24 &&
    !Number.isNaN(new Date(text).getTime())
  );
}

/** Postgres stores neither NUL nor half a surrogate pair, and an administrator could not see them. */
function checkString(attribute: Attribute, value: string): string {
  if (value.length > MAX_STRING) {
    throw badRequest(
      'invalidValue',
      `"${pathOf(attribute)}" has ${value.length} characters; at most ${MAX_STRING} fit.`,
    );
  }
  if (value.includes('\0') || !value.isWellFormed()) {
    throw badRequest(
      'invalidValue',
      `"${pathOf(attribute)}" has a NUL character or an unpaired surrogate, which are not allowed.`,
    );
  }
  return value;
}

function mismatch(attribute: Attribute, expected: string, value: unknown): Error {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  const shown =
    typeof value === 'string' ? quote(value) : typeof value === 'object' ? got : `${got} ${String(value)}`;
  return badRequest('invalidValue', `"${pathOf(attribute)}" must be ${expected}, not ${shown}.`);
}
