import { z } from 'zod';
import type { ConnectionId, GroupId, UserId } from '../directory/ids.ts';
import { effectiveRole } from '../directory/roles/authority.ts';
import { PERMISSION_NAMES } from '../directory/roles/rules/permissions.ts';
import { accessTier, ROLES } from '../directory/roles/rules/roles.ts';
import { INVALID_EMAIL, parseEmailAddress } from '../directory/users/rules/email-address.ts';
import { isUserName, oneLineName } from '../directory/users/rules/presentable.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { validationFailed } from './problem.ts';
import { userReference } from './references.ts';

/** Shapes that several routes share: what comes in, with its sentences, and what goes out. */

const TOO_LONG_NAME = 'must have 200 characters or fewer.';

export const id = z.uuid({ error: 'must be an id (a UUID).' }).transform((text) => text.toLowerCase());
/** Ids of the kind that they are read as: what they name is checked by who loads it. */
export const userId = id.transform((text) => text as UserId);
export const groupId = id.transform((text) => text as GroupId);
export const connectionId = id.transform((text) => text as ConnectionId);
export const time = z.string().meta({ format: 'date-time' });
export const role = z.enum(ROLES, { error: 'Invalid role' }).meta({ description: 'A role of the ladder.' });
export const email = z.string({ error: INVALID_EMAIL }).transform((text, context) => {
  const address = parseEmailAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: INVALID_EMAIL, params: { code: 'invalid_email' } });
  return z.NEVER;
});
/** What a user is called: one line. */
export const name = z
  .string()
  .max(2_000, TOO_LONG_NAME)
  .transform(oneLineName)
  .refine(isUserName, TOO_LONG_NAME);
/** What a thing is called: one line, which is not empty. */
export const line = z
  .string()
  .max(2_000, TOO_LONG_NAME)
  .transform(oneLineName)
  .refine((text) => text !== '', 'is required.')
  .refine(isUserName, TOO_LONG_NAME);
export const reason = z.string().trim().max(2_000, 'must have 2,000 characters or fewer.');
export const password = z.string().min(1, 'is required.').max(1_024, 'The password is too long.');
/** What shows that the caller sits there: a part of a body. */
export const proof = { password: password.optional(), stepUpToken: z.string().max(2_000).optional() };
/** Whether a route takes a proof in its body. */
export const acceptsProof = ({ body }: { readonly body?: z.ZodType }): boolean =>
  body instanceof z.ZodObject && Object.hasOwn(body.shape, 'stepUpToken');
/** Ids or names of groups. */
export const groupReferences = z
  .array(z.string().trim().min(1).max(512))
  .max(100, 'At most 100 groups.')
  .meta({ description: 'Ids or names of groups.' });
/** A query parameter that takes several values, any of which is right. */
export const several = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1).max(100, 'At most 100 values.').optional();
const yesOrNo = z.enum(['true', 'false'], { error: 'must be true or false.' });
/** A switch in a query string. */
export const flag = yesOrNo.transform((text) => text === 'true');
const INSTANT_SAYS = 'must be a time such as 2026-01-31T09:30:00Z, or a date such as 2026-01-31.';
/** A time in the years 1 to 9999, in UTC: the database formats others differently. A date is its first moment. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: INSTANT_SAYS })
  .transform((text) => new Date(text).toISOString())
  .refine((text) => /^(?!0000)\d{4}-/.test(text), INSTANT_SAYS);
/** A number of days in a query string. */
export const days = z.coerce.number({ error: 'must be a number of days.' }).int().min(1).max(3_650);
export const permission = z.enum(PERMISSION_NAMES as [string, ...string[]]);

export const page = {
  limit: z.coerce
    .number({ error: 'must be a number from 1 to 200.' })
    .int()
    .min(1, 'must be a number from 1 to 200.')
    .max(200, 'must be a number from 1 to 200.')
    .default(50),
  cursor: z.string().max(1_000).optional().meta({ description: 'The nextCursor of the page before.' }),
};

/** A page of something. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    nextCursor: z.string().nullable(),
    total: z
      .int()
      .optional()
      .meta({ description: 'All there are; where it is known without counting, or counting is asked for.' }),
  });
}

/** A page whose entries are counted where that is asked for. */
export function countedPageOf<Item extends z.ZodType>(item: Item) {
  return pageOf(item).extend({
    totalOver: z
      .int()
      .optional()
      .meta({ description: 'Instead of total: there are more than so many.', example: 100_000 }),
  });
}

/** What became of one of several that were to be changed. */
export const bulkResult = z.object({
  id: z.string(),
  ok: z.boolean(),
  code: z.string().optional(),
  message: z.string().optional(),
});

/** An effective role, as a dry run shows it. */
export const effectiveRoleShape = z.enum(ROLES).nullable();

/** What a dry run would do to effective roles. */
export const roleTotalsShape = z
  .object({
    gained: z.int().meta({ description: 'Users who would have more rights.', example: 0 }),
    lost: z.int().meta({ description: 'Users who would have fewer rights.', example: 37 }),
    administratorsLost: z.int().meta({ description: 'Of those the ones who are admin now.', example: 2 }),
  })
  .meta({ id: 'RoleTotals', description: 'What would become of effective roles, in numbers.' });

/** A list that is short by its nature: all of it is one page. */
export const wholeList = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item).meta({ description: 'All of them: the list has one page.' }),
    nextCursor: z.null().meta({ description: 'Always null: the list has one page.' }),
    total: z.int(),
  });

/** @returns the body of a list that has one page */
export const presentWhole = <Item>(data: Item[]) => ({ data, nextCursor: null, total: data.length });

/** A cursor is the place behind the last row, in a form that no one needs to read; null where nothing follows. */
export function writeCursor(place: unknown): string | null {
  return place === undefined ? null : Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws ProblemError 422 if it is not one of our cursors */
export function readCursor<Place>(cursor: string | undefined, shape: z.ZodType<Place>): Place | undefined {
  if (cursor === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    const message = 'The cursor is not valid for this list: start without one.';
    throw validationFailed([{ path: 'cursor', code: 'invalid', message }]);
  }
}

/** A page of a list: one extra row shows whether there is another page, behind the place of the last row shown. */
export function pageBy<Row, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  placeOf: (row: Row) => unknown,
): { data: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(present), nextCursor: writeCursor(last && placeOf(last)) };
}

/** The same of a list in the order of ids. */
export const pageById = <Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
) => pageBy(rows, limit, present, ({ id }) => id);

export const idCursor = z.uuid();

/** The query parameter that finds users by what lists show of them. */
export const nameOrAddress = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .optional()
  .meta({ description: 'A part of the name or address of the user.' });

const groupOfUser = z.object({
  id: z.string(),
  name: z.string(),
  inGroupRole: z.enum(['member', 'manager']),
  suspended: z.boolean().meta({ description: 'The user is inactive: the membership gives no rights.' }),
  managedBy: z.enum(['scim', 'sso']).nullable().meta({
    description: 'The kind of directory that owns the members of the group; null for none.',
  }),
  autoAssignPattern: z.string().nullable().meta({
    description: 'The pattern by which the group has added the user; null if it has not.',
    example: '*@eng.acme.example',
  }),
});

export const userShape = z
  .object({
    id: z.string(),
    email: z.string(),
    emailSharedWith: userReference.nullable().meta({
      description:
        'The user who signs in with this address. Until it is free, this user cannot sign in with it.',
    }),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    accessTier: z.enum(['user', 'manager', 'admin', 'super_admin']),
    effectiveRole: z.enum(ROLES),
    owner: z.boolean(),
    elevation: z.object({ id: z.string(), role: z.enum(ROLES), expiresAt: time }).nullable(),
    groups: z.array(groupOfUser),
    status: z.enum(['active', 'inactive', 'pending', 'deleted']),
    locked: z.boolean(),
    source: z.enum(['bootstrap', 'scim', 'sso', 'invitation', 'import', 'admin']),
    managedBy: z.enum(['scim']).nullable().meta({ description: 'Who owns name and status.' }),
    roleManagedBy: z.enum(['scim']).nullable().meta({
      description: 'Who owns the direct role: scim where the role source of a connection is scim_roles.',
    }),
    pendingEmail: z
      .object({ email: z.string(), expiresAt: time })
      .nullable()
      .meta({ description: 'An address that waits to be confirmed.' }),
    invitation: z.object({ id: z.string(), expiresAt: time }).nullable(),
    lastLoginAt: time.nullable(),
    lastActiveAt: time.nullable(),
    createdAt: time,
    updatedAt: time,
    deletedAt: time.nullable(),
    version: z.int(),
  })
  .meta({ id: 'User' });

/** A user on the wire. */
export function presentDirectoryUser(user: DirectoryUser): z.input<typeof userShape> {
  const effective = effectiveRole(user);
  const [elevation] = [...user.elevations].sort((left, right) => (left.expiresAt < right.expiresAt ? 1 : -1));
  return {
    id: user.id,
    email: user.email,
    emailSharedWith: user.emailSharedWith ?? null,
    name: user.name ?? null,
    role: user.role,
    accessTier: accessTier(effective, user.owner),
    effectiveRole: effective,
    owner: user.owner,
    elevation: elevation ?? null,
    groups: user.groupRoles.map(({ group, name: called, inGroupRole, managedBy, autoAssignPattern }) => ({
      id: group,
      name: called,
      inGroupRole,
      suspended: user.status === 'inactive',
      managedBy: managedBy ?? null,
      autoAssignPattern: autoAssignPattern ?? null,
    })),
    status: user.deletedAt === undefined ? user.status : 'deleted',
    locked: user.lockedAt !== undefined,
    source: user.source,
    managedBy: user.managed ? 'scim' : null,
    roleManagedBy: user.isRoleManaged ? 'scim' : null,
    pendingEmail: user.pendingEmail ?? null,
    invitation: user.invitation ?? null,
    lastLoginAt: user.lastLoginAt ?? null,
    lastActiveAt: user.lastActiveAt ?? null,
    createdAt: user.createdAt,
    updatedAt: user.updatedAt,
    deletedAt: user.deletedAt ?? null,
    version: user.version,
  };
}
