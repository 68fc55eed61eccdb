/*
 * Microsoft Entra ID with aadOptscim062020: paths as the names in a value without a path.
 *
 * Sent:   {"op": "replace", "value": {"name.givenName": "K", "urn:…:enterprise:2.0:User:employeeNumber": "7"}}
 * Legal:  {"op": "replace", "path": "name.givenName", "value": "K"}, {"op": "replace", "path": "urn:…", "value": "7"}
 */
import { isObject, type Quirk } from './dialect.ts';

/** A name that only a path can be: it has a dot, brackets, or a URN with an attribute behind it. */
function isPath(name: string, extensions: ReadonlyMap<string, unknown>): boolean {
  return /[.[\]]/.test(name) && !extensions.has(name.toLowerCase());
}

export const entraDottedKeys: Quirk = {
  name: 'entra-dotted-keys',
  operation: (operation, type) => {
    const { op, path, value } = operation;
    if (path !== undefined || !isObject(value)) return [operation];
    const names = Object.keys(value);
    const paths = names.filter((name) => isPath(name, type.extensions));
    if (paths.length === 0) return [operation];
    const plain = Object.fromEntries(
      names.filter((name) => !paths.includes(name)).map((name) => [name, value[name]]),
    );
    return [
      ...(Object.keys(plain).length === 0 ? [] : [{ op, path, value: plain }]),
      ...paths.map((name) => ({ op, path: name, value: value[name] })),
    ];
  },
};
