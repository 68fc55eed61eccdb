import type { z } from 'zod';
import type { FieldError } from './problem.ts';

/** What zod found, as fields of the request. The sentence is the declaration's own where it has one. */
export function fieldErrors(error: z.ZodError, where: 'query' | 'body'): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        code: 'unknown',
        message: where === 'query' ? `There is no query parameter "${key}".` : `There is no field "${key}".`,
      }));
    }
    return [{ path, code: codeOf(issue), message: issue.message }];
  });
}

function codeOf(issue: z.core.$ZodIssue): string {
  const named = (issue as { params?: { code?: unknown } }).params?.code;
  return typeof named === 'string' ? named : issue.code;
}
