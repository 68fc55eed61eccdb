/** What earlier answers gave, and what a run starts with (`baseUrl`, `token`). */
export type Variables = Map<string, string>;

/**
 * Fills in every `${name}` of the strings in a JSON value.
 * @throws Error if nothing has that name
 */
export function fill<Value>(value: Value, variables: ReadonlyMap<string, string>): Value {
  return filled(value, variables) as Value;
}

function filled(value: unknown, variables: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return fillText(value, variables);
  if (Array.isArray(value)) return value.map((each) => filled(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, variables)]));
}

function fillText(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`\${${name}} is not known: no earlier answer gave it.`);
    return value;
  });
}

/** @returns the value at a path of names and positions: `Resources.0.id`; undefined if nothing is there */
export function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
