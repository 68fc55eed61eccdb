import type { Profile } from '../user.ts';

/** Attributes to set, as SCIM's schemas name them; null removes one. What is not named stays. */
export type ProfilePatch = Readonly<Record<string, unknown>>;

/**
 * Checks attributes by the schemas of the installation, and returns those that have a value as they are stored.
 * @throws DomainError `invalid_profile`
 */
export type ReadProfile = (attributes: ProfilePatch) => Profile;

/** Applies a patch to a stored profile; of an extension only the attributes that are named. */
export function patchProfile(before: Profile, patch: ProfilePatch, read: ReadProfile): Profile {
  const values = read(patch);
  const after: Record<string, unknown> = { ...before };
  for (const [name, sent] of Object.entries(patch)) {
    const value = isPart(sent)
      ? patchPart(before[name], sent, values[name])
      : keepDetails(values[name], before[name]);
    if (value === undefined) delete after[name];
    else after[name] = value;
  }
  return after;
}

const isPart = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function patchPart(before: unknown, sent: ProfilePatch, values: unknown): Profile | undefined {
  const after: Record<string, unknown> = { ...(isPart(before) ? before : {}) };
  for (const name of Object.keys(sent)) {
    const value = isPart(values) ? values[name] : undefined;
    if (value === undefined) delete after[name];
    else after[name] = value;
  }
  return Object.keys(after).length === 0 ? undefined : after;
}

/** An element that is there already keeps what the patch does not know of it, such as `primary`. */
function keepDetails(value: unknown, before: unknown): unknown {
  if (!Array.isArray(value) || !Array.isArray(before)) return value;
  return value.map((element) => before.find((each) => includes(each, element)) ?? element);
}

const includes = (whole: unknown, part: unknown): boolean =>
  isPart(whole) && isPart(part) && Object.entries(part).every(([name, value]) => whole[name] === value);
