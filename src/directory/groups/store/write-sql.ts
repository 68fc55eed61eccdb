import { eventIdSql, eventName, insertEvents, insertEventsOn } from '../../../audit/store/event-sql.ts';
import type { Statement } from '../../../platform/db/statement.ts';
import { count, historyTime } from '../../store/fragments.ts';
import { insertMemberships, removeSourceSql } from './membership-sql.ts';

/**
 * Every write to a group is one statement of the same parts. `g` yields the group's id if the write may continue;
 * `wanted` are the users to add, `missing` those of them who are not there: one missing, and nothing is written.
 *
 * The parts are written so that no planner can choose a plan that is quadratic, whatever it believes of the tables
 * and of the arrays (it plans without statistics in a first import, and without the values in a generic plan):
 * lookups are lateral with a limit, differences are full joins, and rows are changed by a key that a materialized
 * table brings (ADR 0021). The limit of `listed` limits nothing, and its
 * subqueries hide the array: every plan expects one row of it, and finds each by its key.
 */
const listed = (array: string) => `(
      select distinct id from unnest((select ${array}::uuid[])) as id limit (select cardinality(${array}::uuid[]))
    )`;

const wanted = `wanted as materialized (select id from ${listed('$3')} as listed),
    missing as materialized (
      select w.id from wanted w left join lateral (
        select true as there from users u where u.org_id = $1 and u.id = w.id and u.deleted_at is null limit 1
      ) u on true where u.there is null
    )`;

const SCIM = "'scim'::text";

/** @param entering the common table of those to add */
const addingFrom = (entering: string) => `shared as (
      ${insertMemberships({
        group: 'g.id',
        user: 'e.id',
        at: '$4',
        source: SCIM,
        inGroupRole: "'member'",
        from: `g, ${entering} e where not exists (select from missing)`,
      })}
    ), added as (select user_id from shared where fresh)`;

const added = addingFrom('wanted');
const removed = removeSourceSql(SCIM, '$4');

const removedByName = `leaving as materialized (
      select g.id as group_id, named.id as user_id from g, ${listed('$8')} as named
      where not exists (select from missing)
    ), ${removed}`;

/** The difference between `wanted` and the members that have this source. */
const difference = `difference as materialized (
      select w.id as entering, m.user_id as leaving from wanted w full join (
        select user_id from group_members where org_id = $1 and group_id = $2 and 'scim' = any (sources)
      ) m on m.user_id = w.id where w.id is null or m.user_id is null
    ), entering as materialized (select entering as id from difference where entering is not null)`;

const addedByDifference = addingFrom('entering');

/** A client does not see a deleted user, who may be restored with their memberships: a list without them takes none away. */
const removedByDifference = `leaving as materialized (
      select g.id as group_id, d.leaving as user_id from g,
        (select leaving from difference where leaving is not null) d left join lateral (
          select true as there from users u where u.org_id = $1 and u.id = d.leaving and u.deleted_at is null limit 1
        ) u on true
      where cardinality($8::uuid[]) = 0 and u.there and not exists (select from missing)
    ), ${removed}`;

const counter = `n as (
      ${count('$1', 'group', '(select $2::uuid as subject where exists (select from added) or exists (select from removed)) as s', 1, '$4')}
    )`;

const memberEvents = `moved as (
      select ${eventName('group.member_added')} as action, user_id from added
      union all select ${eventName('group.member_removed')}, user_id from removed
    ), e as (
      ${insertEventsOn('group', 'action', {
        id: eventIdSql('$5', 'row_number() over ()'),
        at: '$4',
        actor: '$6',
        context: '$7',
        target: '$2::uuid',
        member: 'user_id',
        from: 'moved',
      })}
    )`;

const outcome = `select exists (select from g) as written,
      (select array_agg(id::text) from (select id from missing limit 10) m) as missing,
      (select count(*) from added) as added, (select count(*) from removed) as removed`;

/** The group as it is: a change of members alone writes no row of `groups`, so that writers do not queue (ADR 0004). */
const untouched = 'g as (select id from groups where org_id = $1 and id = $2)';

const link = `l as (
      insert into group_links (org_id, group_id, connection_id, external_id)
      select $1, id, $9::uuid, $10 from g
      on conflict (org_id, group_id, connection_id) do update set external_id = excluded.external_id
      where group_links.external_id is distinct from excluded.external_id
    )`;

const attributeEvent = (action: 'group.created' | 'group.updated') => `a as (
      ${insertEvents(action, 'group', {
        id: eventIdSql('$5', '0'),
        at: '$4',
        actor: '$6',
        context: '$7',
        target: 'g.id',
        changes: '$14::jsonb',
        from: 'g',
      })}
    )`;

const updated = `g as (
      update groups set display_name = $11, display_name_key = $12, profile = $13::jsonb, version = version + 1, updated_at = $4, source = 'scim'
      where org_id = $1 and id = $2 and version = $15 and not exists (select from missing)
      returning id
    )`;

const inserted = `g as (
      insert into groups (org_id, id, display_name, display_name_key, profile, created_at, updated_at)
      select $1, $2, $11, $12, $13::jsonb, $4, $4 where not exists (select from missing)
      returning id
    )`;

const write = (name: string, ...parts: string[]): Statement => ({
  name,
  text: `with ${parts.join(',\n    ')}\n    ${outcome}`,
});

const named = [added, removedByName, memberEvents];
const byName = [...named, counter];
const byDifference = [difference, addedByDifference, removedByDifference, counter, memberEvents];
const update = [wanted, updated, link, attributeEvent('group.updated')];
const groupCount = `t as (${count('$1', 'groups', '(select $1::uuid as subject from g) as s', 1, '$4')})`;
const insert = [wanted, inserted, link, groupCount, attributeEvent('group.created')];

/** Adds and removes the members that are named; parameters `$1` to `$8`. */
export const changeByName = write('group-members-change', untouched, wanted, ...byName);
/** Makes the members those of `$3`. */
export const changeByDifference = write('group-members-replace', untouched, wanted, ...byDifference);
/** Sets the attributes as well; parameters `$1` to `$15`. */
export const updateByName = write('group-update', ...update, ...byName);
/** Sets the attributes and makes the members those of `$3`. */
export const updateByDifference = write('group-update-replace', ...update, ...byDifference);
/** Writes a new group; parameters `$1` to `$14`. */
export const insertWithMembers = write('group-insert', ...insert, ...named);

/** The counter and the event of one membership that came or went: the common table `part` has it. */
const oneMember = (part: 'added' | 'removed') => `n as (
      ${count('$1', 'group', `(select $2::uuid as subject from ${part}) as s`, 1, '$4')}
    ),
    e as (
      ${insertEvents(`group.member_${part}`, 'group', {
        id: eventIdSql('$5', '1'),
        at: '$4',
        actor: '$6',
        context: '$7',
        target: '$2::uuid',
        member: 'user_id',
        from: part,
      })}
    )
    select true as changed from ${part}`;

/**
 * The commonest change of all: one member more, who was not there. It yields a row if that is what happened. If
 * not (no one of that id, or already a member), nothing is written, and the statement for all cases has its turn.
 */
export const addOne: Statement = {
  name: 'group-member-add',
  text: `with added as (
      ${insertMemberships(
        {
          group: '$2',
          user: 'id',
          at: '$4',
          source: SCIM,
          inGroupRole: "'member'",
          from: 'users where org_id = $1 and id = $3 and deleted_at is null',
        },
        'leave',
      )}
    ),
    ${oneMember('added')}`,
};

/** The same for one member fewer, whom nothing but SCIM made one. */
export const removeOne: Statement = {
  name: 'group-member-remove',
  text: `with removed as (
      delete from group_members m
      where m.org_id = $1 and m.group_id = $2 and m.user_id = $3 and m.sources = array[${SCIM}]
      returning m.user_id, ${historyTime('$4')}
    ),
    ${oneMember('removed')}`,
};
