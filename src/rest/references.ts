import { z } from 'zod';
import type { Reference } from '../directory/users/reference.ts';

/** How answers name users, groups and who did something: each in one shape. */

/** A user. */
export const userReference = z
  .object({
    id: z.string(),
    name: z.string().nullable().meta({ description: 'Null without a name, and once the user is erased.' }),
    email: z.string().nullable().meta({
      description: 'Of a user without an address the userName; null once the user is erased.',
    }),
  })
  .meta({ id: 'UserReference' });

/** A group. */
export const groupReference = z.object({ id: z.string(), name: z.string() }).meta({ id: 'GroupReference' });

/** A service account. */
export const serviceAccountReference = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: 'ServiceAccountReference' });

/** Where an address is. */
export const location = z
  .object({
    country: z.string().nullable().meta({ description: 'ISO 3166-1 alpha-2.', example: 'DE' }),
    asn: z.int().nullable().meta({
      description: 'The number of the autonomous system that announces the address.',
      example: 3320,
    }),
    asnName: z.string().nullable().meta({ description: 'Who runs it.', example: 'Deutsche Telekom AG' }),
  })
  .meta({ id: 'Location' })
  .nullable();

/** Who did something. */
export const actorReference = z
  .object({
    type: z.enum(['user', 'service_account', 'system', 'deleted']).meta({
      description:
        'deleted: a user or service account that was erased. system: the command line or the start of the server, for which id, name and email are null.',
    }),
    id: z.string().nullable(),
    name: z.string().nullable(),
    email: z.string().nullable().meta({ description: 'Only users have one.' }),
  })
  .meta({ id: 'Actor' });

export const SYSTEM: z.input<typeof actorReference> = { type: 'system', id: null, name: null, email: null };

/** @returns the reference without its type, for a field that only a user can be in */
export function presentUser({ id, name, email }: Reference): z.input<typeof userReference> {
  return { id, name, email };
}
