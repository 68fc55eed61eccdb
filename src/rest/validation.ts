import type { z } from 'zod';
import { truncate } from '../platform/truncate.ts';
import type { FieldError } from './problem.ts';

/** Errors that an answer lists. */
const MOST_ERRORS = 50;
/** Characters of a field's name that an answer repeats. */
const LONGEST_NAME = 200;

/** What zod found, as fields of the request. The sentence is the declaration's own where it has one. */
export function fieldErrors(error: z.ZodError, where: 'query' | 'body'): FieldError[] {
  const found = error.issues.slice(0, MOST_ERRORS).flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, MOST_ERRORS).map((key) => {
        const shown = truncate(key, LONGEST_NAME);
        return {
          path: path === '' ? shown : `${path}.${shown}`,
          code: 'unknown',
          message:
            where === 'query' ? `There is no query parameter "${shown}".` : `There is no field "${shown}".`,
        };
      });
    }
    return [{ path, code: codeOf(issue), message: issue.message }];
  });
  return found.slice(0, MOST_ERRORS);
}

/** Error texts for declarations without their own sentence: what the value must be. For `safeParse`. */
export const sentences: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required.'
        : `must be ${kinds[issue.expected] ?? issue.expected}.`;
    case 'too_small':
      return `must ${amount('at least', issue.origin, issue.minimum)}.`;
    case 'too_big':
      return `must ${amount('at most', issue.origin, issue.maximum)}.`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}.`;
    case 'invalid_format':
      return `must be a valid ${issue.format}.`;
    default:
      return 'is invalid: see /api/v1/docs.';
  }
};

const kinds: Readonly<Partial<Record<string, string>>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function amount(bound: string, origin: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  if (origin === 'array') return `have ${bound} ${limit} entries`;
  return `be ${bound} ${limit}`;
}

function codeOf(issue: z.core.$ZodIssue): string {
  const named = (issue as { params?: { code?: unknown } }).params?.code;
  return typeof named === 'string' ? named : issue.code;
}
