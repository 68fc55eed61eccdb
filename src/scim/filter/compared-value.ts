import { badRequest, quote } from '../errors.ts';
import type { Dialect } from '../quirks/dialect.ts';
import { type Attribute, pathOf } from '../schema/attribute.ts';
import { isDateTime, trimmed } from '../schema/simple-value.ts';
import type { Operator } from './ast.ts';
import { valueType } from './fields.ts';

/** What a filter compares an attribute with. */
export interface Test {
  readonly comparator: Exclude<Operator, 'ne'>;
  /** `ne` is the opposite of `eq`; of a multi-valued attribute one value must differ (RFC 7644 §3.4.2.2). */
  readonly isNegated: boolean;
  readonly value: string | number | boolean;
}

const textOnly = new Set<Operator>(['co', 'sw', 'ew']);
const ordered = new Set<Operator>(['gt', 'ge', 'lt', 'le']);

/**
 * Checks that the attribute's type has the operator and the value (RFC 7644 §3.4.2.2).
 * @returns the value as it is compared
 * @throws ScimError 400 `invalidFilter`
 */
export function comparedValue(
  attribute: Attribute,
  { comparator, value }: Test,
  dialect: Dialect,
): Test['value'] {
  const path = pathOf(attribute);
  const type = valueType(attribute);
  const unordered = type === 'boolean' || attribute.type === 'binary';
  if (textOnly.has(comparator) && type !== 'text') throw invalid(path, `"${comparator}" is for strings.`);
  if (ordered.has(comparator) && unordered)
    throw invalid(path, `"${comparator}" needs an order, and it has none.`);
  const sent = (value === '' ? value : dialect.value(value, attribute)) as Test['value'];
  const read = comparator === 'eq' ? trimmed(attribute, sent) : sent;
  const matches = type === 'text' || type === 'instant' ? typeof read === 'string' : typeof read === type;
  if (!matches)
    throw invalid(
      path,
      `Compare it with a ${type === 'instant' ? 'date and time in quotes' : type === 'text' ? 'string in quotes' : type}.`,
    );
  if (type === 'instant' && !isDateTime(read as string)) {
    throw invalid(path, 'Compare it with a date and time with a zone, as 2026-01-31T09:30:00Z.');
  }
  return read;
}

/** @returns the error for a filter that cannot be asked of an attribute */
export function invalid(path: string, why: string): Error {
  return badRequest('invalidFilter', `${quote(path)}: ${why}`);
}
