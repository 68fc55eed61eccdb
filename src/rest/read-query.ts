import { z } from 'zod';
import { parseRepeatedQuery } from '../http/query.ts';
import { ProblemError, validationFailed } from './problem.ts';
import type { Route } from './route.ts';
import { fieldErrors, sentences } from './validation.ts';

const nothing = z.strictObject({});

/**
 * Query parameters are text; an empty parameter is treated as missing. One that is declared as a list takes several
 * values, repeated or separated by commas; any other must be given once.
 */
export function readQuery(route: Route, url: string): unknown {
  const given: Record<string, string | string[]> = Object.create(null);
  const declared = queryShape(route);
  const names = new Map(Object.keys(declared).map((name) => [name.toLowerCase(), name]));
  for (const [lower, all] of parseRepeatedQuery(url)) {
    if (all.some((value) => value.includes('\0'))) throw noNul();
    const name = names.get(lower) ?? lower;
    const values = all.filter((value) => value !== '');
    const [first] = values;
    if (first === undefined) continue;
    const shape = declared[name];
    if (shape !== undefined && isList(shape)) {
      given[name] = values.flatMap((value) => value.split(',')).map((value) => value.trim());
    } else if (values.length > 1) throw repeated(name);
    else given[name] = first;
  }
  const parsed = (route.query ?? nothing).safeParse({ ...given }, { error: sentences });
  if (!parsed.success) throw validationFailed(fieldErrors(parsed.error, 'query'));
  return parsed.data;
}

function queryShape(route: Route): Readonly<Record<string, z.ZodType>> {
  return (route.query as { shape?: Record<string, z.ZodType> } | undefined)?.shape ?? {};
}

/** Whether a declaration is a list, optional or not. */
function isList(shape: z.ZodType): boolean {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault)
    return isList(shape.unwrap() as z.ZodType);
  return shape instanceof z.ZodArray;
}

const repeated = (name: string) =>
  validationFailed([{ path: name, code: 'repeated', message: 'must be given once.' }]);

/** The rejection of text that no database stores. */
export const noNul = () =>
  new ProblemError({
    status: 400,
    code: 'malformed',
    detail: 'NUL characters and unpaired surrogates are not allowed.',
  });
