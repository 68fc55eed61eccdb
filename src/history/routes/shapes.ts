import { z } from 'zod';
import { partyShape } from '../../audit/routes/events.ts';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { instant, pageBy, time } from '../../rest/shapes.ts';
import { CHANGE_KINDS } from '../change-queries.ts';
import type { Past } from '../queries.ts';
import { EFFECTS } from '../rules/change-words.ts';

/** The query parameter of answers that can be asked for as of a moment. */
export const asOf = instant.optional().meta({
  description:
    'As it was at that time (docs/history.md), in the order of ids. The answer says since when history is complete.',
});

/** What every answer about a moment says. */
export const momentShape = {
  asOf: time.meta({ description: 'The moment that the answer is about.' }),
  completeSince: time.meta({ description: 'History is complete from then on.' }),
};

/** A page as of a moment. */
export const pastPageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable(), ...momentShape });

const person = {
  id: z.string(),
  name: z.string().nullable().meta({ description: 'What they are called today; null once erased.' }),
  email: z.string().nullable().meta({ description: 'Their address of today; null once erased.' }),
  label: z.string().meta({
    description: 'What to show: the name, else the address, else the pseudonym of an erased person.',
    example: 'Jane Doe',
  }),
};
const personShape = z.object(person);

const causeShape = z
  .object({
    eventId: z.string(),
    at: time,
    actor: partyShape,
    via: z.string(),
    sentence: z.string(),
    reason: z.string().nullable(),
  })
  .nullable()
  .meta({ description: 'The event that tells who did it and why; null where none does, or it was dropped.' });

/** A user as they were. */
export const pastUserShape = z
  .object({
    ...person,
    status: z.enum(['active', 'inactive', 'pending', 'deleted']),
    role: z.enum(ROLES),
    effectiveRole: z.enum(ROLES),
    accessTier: z.enum(['user', 'manager', 'admin', 'super_admin']),
    owner: z.boolean(),
    elevations: z.array(z.object({ id: z.string(), role: z.enum(ROLES), expiresAt: time })).meta({
      description: 'Elevations in force then.',
      example: [],
    }),
    groups: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        role: z.enum(ROLES).nullable(),
        inGroupRole: z.enum(['member', 'manager']),
        sources: z.array(z.string()),
        addedAt: time,
        suspended: z.boolean(),
      }),
    ),
    source: z.enum(['bootstrap', 'scim', 'sso', 'invitation', 'import', 'admin']),
    createdAt: time,
    deletedAt: time.nullable(),
  })
  .meta({ id: 'PastUser' });

export const pastUserDetailShape = pastUserShape
  .extend({ ...momentShape, roleGiven: causeShape, ownerGiven: causeShape })
  .meta({ id: 'PastUserDetail' });

export const pastGroupShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    source: z.enum(['manual', 'scim', 'sso']),
    autoAssignPattern: z.string().nullable().meta({
      description: 'Everyone whose sign-in address matched was a member; null for none.',
      example: '*@eng.acme.example',
    }),
    memberCount: z.int().meta({ description: 'Members who were not inactive.' }),
    suspendedMemberCount: z.int().meta({ description: 'Members who were inactive.' }),
    createdAt: time,
  })
  .meta({ id: 'PastGroup' });

export const pastGroupDetailShape = pastGroupShape.extend(momentShape).meta({ id: 'PastGroupDetail' });

export const pastMemberShape = z
  .object({
    user: personShape,
    status: z.enum(['active', 'inactive', 'pending']),
    suspended: z.boolean(),
    inGroupRole: z.enum(['member', 'manager']),
    sources: z.array(z.string()),
    addedAt: time,
  })
  .meta({ id: 'PastMember' });

/** @returns a page as of a moment: one extra row shows whether there is another page */
export const pastPage = <Row, Item>(
  { asOf: moment, completeSince }: Omit<Past<unknown>, 'value'>,
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  placeOf: (row: Row) => string,
) => ({ ...pageBy(rows, limit, present, placeOf), asOf: moment, completeSince });

const stateShape = z.unknown().meta({
  description: 'What it was, as data: status, role, owner and others; null where it was not there.',
  example: { status: 'active', role: 'train', owner: false },
});

export const changeShape = z
  .object({
    at: time,
    kind: z.enum(CHANGE_KINDS),
    effects: z
      .array(z.enum(EFFECTS))
      .meta({ description: 'What the change means.', example: ['gained_role'] }),
    sentence: z.string(),
    user: personShape.nullable(),
    group: personShape.nullable(),
    before: stateShape,
    after: stateShape,
    cause: causeShape,
  })
  .meta({ id: 'HistoryChange' });
