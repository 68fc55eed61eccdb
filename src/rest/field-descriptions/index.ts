import type { FieldNote } from './description.ts';
import { PARAMETER_NOTES } from './parameters.ts';
import { PEOPLE_NOTES } from './people.ts';
import { SYSTEM_NOTES } from './system.ts';

const FIELDS: ReadonlyMap<string, FieldNote> = new Map(Object.entries({ ...SYSTEM_NOTES, ...PEOPLE_NOTES }));
const PARAMETERS: ReadonlyMap<string, FieldNote> = new Map(Object.entries(PARAMETER_NOTES));

/** What a field of a body means, where its declaration does not say. */
export const fieldNote = (name: string): FieldNote | undefined => FIELDS.get(name);

/** The same of a parameter. */
export const parameterNote = (name: string): FieldNote | undefined =>
  PARAMETERS.get(name) ?? FIELDS.get(name);
