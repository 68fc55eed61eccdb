import type { Profile } from '../user.ts';

/** The names of the attributes that differ, those of an extension with its name before them. */
export function changedAttributes(before: Profile, after: Profile): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !sameValue(before[name], after[name])).sort();
}

function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [names, others] = [Object.keys(left), Object.keys(right)];
  return (
    names.length === others.length &&
    names.every((name) =>
      sameValue((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name]),
    )
  );
}
