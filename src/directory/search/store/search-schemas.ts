import { parseUuid } from '../../../platform/ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { NamedField } from '../predicate.ts';
import type { SqlCollection, SqlField, SqlSchema } from './sql-schema.ts';

type Lookup = SqlField['lookup'];
const field = (sql: string, compares: SqlField['compares'], lookup: Lookup): SqlField =>
  lookup === undefined ? { sql, compares } : { sql, compares, lookup };
const exactly = (sql: string, lookup?: Lookup) => field(sql, 'exactly', lookup);
const byKey = (sql: string, lookup?: Lookup) => field(sql, 'by key', lookup);
const inFold = (sql: string) => field(sql, 'folded', undefined);
const byId = (sql: string, lookup?: Lookup) => field(sql, 'by id', lookup);

const byColumn = (table: 'users' | 'groups', column: string) => (operand: string) =>
  `select k.id from ${table} k where k.org_id = $1 and k.${column} = ${operand}`;
const byExternalId = (table: 'user_links' | 'group_links', id: string) => (operand: string) =>
  `select k.${id} from ${table} k where k.org_id = $1 and k.connection_id = $2 and k.external_id = ${operand}`;

/** The base URL is the only value that a derived field needs; `:base` is where its placeholder goes. */
export const BASE = ':base';

const groupsOfUser: SqlCollection = {
  source: `group_members m join groups mg on mg.org_id = m.org_id and mg.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id`,
  fields: new Map<NamedField, SqlField>([
    ['value', byId('m.group_id')],
    ['display', byKey('mg.display_name_key')],
    ['type', inFold(`'direct'::text`)],
    ['ref', exactly(`(${BASE} || '/Groups/' || m.group_id)`)],
  ]),
  lookup: (operand) =>
    `select gm.user_id from group_members gm where gm.org_id = $1 and gm.group_id = ${operand}`,
  lookupType: 'uuid',
  lookupKey: parseUuid,
};

const membersOfGroup: SqlCollection = {
  source: `group_members m join users mu on mu.org_id = m.org_id and mu.id = m.user_id
      and mu.deleted_at is null
    where m.org_id = g.org_id and m.group_id = g.id`,
  fields: new Map<NamedField, SqlField>([
    ['value', byId('m.user_id')],
    ['display', inFold(`coalesce(mu.profile ->> 'displayName', mu.user_name)`)],
    ['type', inFold(`'User'::text`)],
    ['ref', exactly(`(${BASE} || '/Users/' || m.user_id)`)],
  ]),
  lookup: (operand) =>
    `select gm.group_id from group_members gm where gm.org_id = $1 and gm.user_id = ${operand}`,
  lookupType: 'uuid',
  lookupKey: parseUuid,
};

const emails: SqlCollection = {
  lookup: (operand) =>
    `select ek.user_id from user_email_keys ek where ek.org_id = $1 and ek.email_key = ${operand}`,
  lookupType: 'text',
  lookupKey: caseKey,
};

/** Users in SQL; `u` is users, `l` the asking connection's link. */
export const userSchema: SqlSchema = {
  alias: 'u',
  fields: new Map<NamedField, SqlField>([
    ['id', byId('u.id', byColumn('users', 'id'))],
    ['externalId', exactly('l.external_id', byExternalId('user_links', 'user_id'))],
    ['userName', byKey('u.user_name_key', byColumn('users', 'user_name_key'))],
    ['displayName', byKey('u.display_name_key', byColumn('users', 'display_name_key'))],
    ['active', exactly(`(u.status <> 'inactive')`)],
    ['createdAt', exactly('u.created_at')],
    ['updatedAt', exactly('u.updated_at')],
    ['kind', exactly(`'User'::text`)],
    ['location', exactly(`(${BASE} || '/Users/' || u.id)`)],
  ]),
  collections: new Map([
    ['groups', groupsOfUser],
    ['emails', emails],
  ]),
};

/** Groups in SQL; `g` is groups, `l` the asking connection's link, `c` what the group's counter adds. */
export const groupSchema: SqlSchema = {
  alias: 'g',
  fields: new Map<NamedField, SqlField>([
    ['id', byId('g.id', byColumn('groups', 'id'))],
    ['externalId', exactly('l.external_id', byExternalId('group_links', 'group_id'))],
    ['displayName', byKey('g.display_name_key', byColumn('groups', 'display_name_key'))],
    ['createdAt', exactly('g.created_at')],
    ['updatedAt', exactly('greatest(g.updated_at, c.changed_at)')],
    ['kind', exactly(`'Group'::text`)],
    ['location', exactly(`(${BASE} || '/Groups/' || g.id)`)],
  ]),
  collections: new Map([['members', membersOfGroup]]),
};
