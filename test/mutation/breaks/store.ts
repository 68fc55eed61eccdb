import { type Break, breaksOf } from '../break.ts';

/** Conditions of statements: whose rows, which version, until when. */
export const storeBreaks: readonly Break[] = [
  ...breaksOf(
    'src/directory/store/idempotency.ts',
    ['test/admin/idempotency.test.ts'],
    [
      'where org_id = $1 and actor_id = $2 and key = $3',
      'where org_id = $1 and key = $3 and $2::uuid is not null',
      "A user is answered with another user's new API key.",
    ],
    [
      'where k.request_hash = excluded.request_hash or ${stale}',
      '',
      'Two requests that share a key at once are both carried out.',
    ],
    ["and created_at >= $4::timestamptz - interval '1 day'", 'and $4::timestamptz is not null', 'A key of last year is answered with its old answer.'],
  ),
  ...breaksOf(
    'src/directory/store/user-writes.ts',
    ['test/scim/order.test.ts', 'test/scim/faults.test.ts', 'test/scim/concurrency.test.ts'],
    ['u.status = $5 and not u.owner and', 'u.status = $5 and', 'The last owner is deactivated by SCIM.'],
    [
      'l.user_id = $3 and l.connection_id = $2)\n      returning u.*',
      'l.user_id = $3)\n      returning u.*',
      "Another connection's PATCH deactivates a user whom it does not provision.",
    ],
    [
      'and u.id = $3 and u.status = $5 and not u.owner and u.deleted_at is null',
      'and u.id = $3 and u.status = $5 and not u.owner',
      'SCIM changes the status of a deleted user.',
    ],
    [
      'where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id\n    ), l as (',
      'where org_id = $1 and id = $2 and deleted_at is null and $3::bigint > 0\n      returning id\n    ), l as (',
      'A change that was decided on an older version overwrites a newer one.',
    ],
    [
      'where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id\n    ), e as (',
      'where org_id = $1 and id = $2 and deleted_at is null and $3::bigint > 0\n      returning id\n    ), e as (',
      'A status that was decided on an older version overwrites a newer one.',
    ],
    [
      "sessions_from = case when (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else sessions_from end,",
      '',
      'Sessions go on after their user was deactivated and activated again.',
    ],
    [
      "keys_from = case when ${status} = 'inactive' and status <> 'inactive' then ${at}::timestamptz else keys_from end,",
      '',
      'API keys work again when their user is activated.',
    ],
    [
      "then deactivations + 1 else deactivations end`",
      'then deactivations else deactivations end`',
      'An elevation counts again when its user is activated.',
    ],
  ).map((each) =>
    each.snippet.startsWith('sessions_from') || each.snippet.startsWith('keys_from') || each.snippet.startsWith('then deact')
      ? { ...each, tests: ['test/admin/lifecycle.test.ts', 'test/admin/elevations-end.test.ts', 'test/admin/api-keys.test.ts'] }
      : each,
  ),
  ...breaksOf(
    'src/directory/store/group-writes.ts',
    ['test/scim/order.test.ts'],
    ['($7::bigint is null or version = $7)', '($7::bigint is null or version > 0)', 'A conditional DELETE removes the newer group.'],
  ),
  ...breaksOf(
    'src/directory/store/group-write-sql.ts',
    ['test/scim/faults.test.ts', 'test/scim/memberships.test.ts', 'test/scim/isolation.test.ts', 'test/scim/concurrency.test.ts'],
    [
      'where org_id = $1 and id = $2 and version = $15 and not exists (select from missing)',
      'where org_id = $1 and id = $2 and $15::bigint > 0 and not exists (select from missing)',
      'A change of a group under If-Match overwrites a newer one.',
    ],
    [
      'where u.org_id = $1 and u.id = w.id and u.deleted_at is null limit 1',
      'where u.org_id = $1 and u.id = w.id limit 1',
      'A deleted user becomes a member.',
    ],
    [
      'from users where org_id = $1 and id = $3 and deleted_at is null\n      on conflict do nothing',
      'from users where org_id = $1 and id = $3\n      on conflict do nothing',
      'A deleted user is added to a group.',
    ],
    [
      "and m.sources = '{scim}'",
      '',
      'SCIM takes a membership away that an administrator gave.',
    ],
    [
      'where not exists (select from missing)\n    ), ${removed}`',
      ') , ${removed}`',
      'A change of members that is refused removes some of them.',
    ],
  ),
  ...breaksOf(
    'src/directory/store/user-rows.ts',
    ['test/scim/order.test.ts', 'test/scim/isolation.test.ts', 'test/scim/faults.test.ts'],
    [
      'text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`',
      'text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3`',
      'SCIM reads a deleted user.',
    ],
    [
      'text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`',
      'text: `select ${userColumns} from ${userSource} where $1::uuid is not null and u.id = $3 and u.deleted_at is null`',
      "SCIM reads another organization's user.",
    ],
    [
      'from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`,\n};\n\n/** Loads one',
      'from ${userSource} where $1::uuid is not null and u.id = $3 and u.deleted_at is null`,\n};\n\n/** Loads one',
      "SCIM changes another organization's user.",
    ],
    [
      'where u.org_id = $1 and u.deleted_at is null and (u.user_name_key = $2 or u.email_key = $3)',
      'where u.deleted_at is null and (u.user_name_key = $2 or u.email_key = $3) and $1::uuid is not null',
      "A new user takes another organization's user over.",
    ],
    [
      'l.user_id = u.id and l.connection_id = $2`;\n\n/** The same for users whose',
      'l.user_id = u.id and $2::uuid is not null`;\n\n/** The same for users whose',
      "A connection reads another connection's external ids.",
    ],
  ),
  ...breaksOf(
    'src/directory/store/search.ts',
    ['test/scim/isolation.test.ts', 'test/scim/deleted-users.test.ts'],
    ["live: 'u.org_id = $1 and u.deleted_at is null'", "live: 'u.org_id = $1'", 'Deleted users are in SCIM lists.'],
    ["live: 'u.org_id = $1 and u.deleted_at is null'", "live: '$1::uuid is not null and u.deleted_at is null'", "Other organizations' users are in SCIM lists."],
    ["live: 'g.org_id = $1'", "live: '$1::uuid is not null'", "Other organizations' groups are in SCIM lists."],
  ),
  ...breaksOf(
    'src/directory/store/owners.ts',
    ['test/scim/order.test.ts', 'test/admin/roles.test.ts', 'test/admin/lifecycle.test.ts'],
    ["and owner and status = 'active' and deleted_at is null", "and owner and deleted_at is null", 'An inactive owner counts as one who is left.'],
    ["and owner and status = 'active' and deleted_at is null", "and owner and status = 'active'", 'A deleted owner counts as one who is left.'],
    ["where org_id = $1 and role = 'admin' and owner", "where $1::uuid is not null and role = 'admin' and owner", "Another organization's owner counts as one who is left."],
  ),
  ...breaksOf(
    'src/directory/store/tokens.ts',
    ['test/admin/scim-connections.test.ts', 'test/scim/isolation.test.ts'],
    ['set expires_at = least(expires_at, $3::timestamptz)', 'set expires_at = $3::timestamptz', "Rotation lengthens a token's life."],
    ['where t.hash = $1 and t.revoked_at is null and', 'where t.hash = $1 and', 'A revoked SCIM token goes on working.'],
    ['and (t.expires_at is null or t.expires_at > $2)', 'and $2::timestamptz is not null', 'An expired SCIM token goes on working.'],
    ['where org_id = $1 and connection_id = $2 and id = $3 and revoked_at is null returning id', 'where $1::uuid is not null and $2::uuid is not null and id = $3 and revoked_at is null returning id', "An administrator revokes another organization's token."],
    ['where org_id = $1 and connection_id = $2 and ($3::uuid is null or id < $3)', 'where org_id = $1 and $2::uuid is not null and ($3::uuid is null or id < $3)', "A connection's page lists the tokens of others."],
  ),
  ...breaksOf(
    'src/directory/store/api-keys.ts',
    ['test/admin/api-keys.test.ts', 'test/admin/lifecycle.test.ts'],
    ['const live = `k.revoked_at is null and (', 'const live = `(', 'A revoked API key goes on working.'],
    ['(k.expires_at is null or k.expires_at > $2::timestamptz)\n    and u.status', '$2::timestamptz is not null\n    and u.status', 'An expired API key goes on working.'],
    ["and u.status = 'active' and u.deleted_at is null and not", 'and not', 'The API key of a deactivated user goes on working.'],
    ["and not ${lockHolds('$2')}", '', 'The API key of a locked account goes on working.'],
    ['and (u.keys_from is null or k.enabled_at > u.keys_from)`;', '`;', 'A disabled API key goes on working.'],
    ['update api_keys set revoked_at = $4 where org_id = $1 and user_id = $2 and', 'update api_keys set revoked_at = $4 where org_id = $1 and $2::uuid is not null and', "A user revokes another user's API key."],
  ),
  ...breaksOf(
    'src/directory/store/elevations.ts',
    ['test/admin/elevations-end.test.ts', 'test/admin/elevations.test.ts', 'test/admin/elevation-approval.test.ts'],
    ["where e.org_id = $1 and e.id = $2 and u.status = 'active' for share of u", 'where e.org_id = $1 and e.id = $2 for share of u', 'An elevation begins for a deactivated user.'],
    ["where org_id = $1 and id = $3 and ($7 = 'pending' or status = 'active') for share", 'where org_id = $1 and id = $3 and $7::text is not null for share', 'A deactivated user is elevated.'],
  ),
  ...breaksOf(
    'src/directory/store/rights.ts',
    ['test/admin/elevations-end.test.ts', 'test/admin/elevations.test.ts', 'test/admin/elevation-approval.test.ts'],
    ['and e.expires_at > ${now}::timestamptz', '', 'An elevation goes on after its end.'],
    ["and e.user_id = u.id and e.state = 'active'", 'and e.user_id = u.id', 'A revoked elevation goes on.'],
    ['      and ${ofThisActivation}) as elevations', ') as elevations', 'An elevation survives a deactivation.'],
    ['where m.org_id = u.org_id and m.user_id = u.id) as standings', 'where m.user_id = u.id) as standings', 'Equivalent: user ids are unique over all organizations.'],
  ).filter(({ allows }) => !allows.startsWith('Equivalent')),
  ...breaksOf(
    'src/directory/store/invitations.ts',
    ['test/admin/invitations.test.ts'],
    ['and accepted_at is null and revoked_at is null and expires_at > $4 returning id', 'and accepted_at is null and expires_at > $4 returning id', 'A revoked invitation is accepted if it was looked at before.'],
  ),
  ...breaksOf(
    'src/directory/store/exports.ts',
    ['test/admin/exports.test.ts'],
    ['from exports where org_id = $1 and id = $2 and expires_at > $3', 'from exports where org_id = $1 and id = $2 and $3::timestamptz is not null', 'An expired export is downloaded.'],
    ["where org_id = $1 and user_id = $3 and state = 'running' and expires_at > $5", "where org_id = $1 and user_id = $3 and state = 'other' and expires_at > $5", 'A user starts any number of exports at once.'],
  ),
  ...breaksOf(
    'src/directory/store/memberships.ts',
    ['test/admin/permissions.test.ts', 'test/admin/trespass.test.ts', 'test/admin/roles.test.ts'],
    ['where org_id = $1 and (id = any($2::uuid[]) or', 'where $1::uuid is not null and (id = any($2::uuid[]) or', "An administrator reaches another organization's groups."],
  ),
  ...breaksOf(
    'src/directory/store/user-erasure.ts',
    ['test/scim/order.test.ts', 'test/admin/lifecycle.test.ts', 'test/scim/faults.test.ts'],
    ['where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id', 'where org_id = $1 and id = $2 and $3::bigint > 0 and deleted_at is null\n      returning id', 'A DELETE under If-Match removes a newer user.'],
    ['user_name_key = null, email_key = null, display_name_key = null', 'display_name_key = null', 'A deleted user keeps their names from others.'],
    ['delete from user_links l using u where', 'select from user_links l, u where', 'A deleted user stays linked to the connection.'],
  ),
  ...breaksOf(
    'src/directory/store/resources.ts',
    ['test/admin/resources.test.ts', 'test/admin/lifecycle.test.ts'],
    ['where granted.type = resources.type and granted.tag = any (resources.tags)', 'where granted.type is not null and granted.tag = any (resources.tags)', 'A grant by tag on one type lists resources of another.'],
    ['or (owner_id = $8 and ${kind} = any ($9::text[]))', 'or ($8::uuid is not null and ${kind} = any ($9::text[]))', "A user lists others' resources."],
  ),
  ...breaksOf(
    'src/directory/store/imports.ts',
    ['test/admin/import-crash.test.ts', 'test/admin/import-guards.test.ts', 'test/admin/imports.test.ts'],
    ["where org_id = $1 and id = $2 and state = 'running' returning id", 'where org_id = $1 and id = $2 returning id', 'An import is finished twice.'],
  ),
];
