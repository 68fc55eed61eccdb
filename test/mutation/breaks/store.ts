import { type Break, breaksOf } from '../break.ts';

/** Conditions of statements on users and groups: whose rows, which version. */
export const storeBreaks: readonly Break[] = [
  ...breaksOf(
    'src/activity/store/ingest.ts',
    ['test/activity/storage.test.ts', 'test/activity/ingestion.test.ts'],
    [
      'for no key update skip locked',
      'for no key update',
      'Reports of activity wait for a user whom a command holds.',
    ],
    [
      'select user_id, least(max(at), $4::timestamptz) as at from stored',
      'select user_id, max(at) as at from stored',
      'A user was last active in the future.',
    ],
    [
      "and coalesce(last_active_at, '-infinity') < s.at - interval '1 hour' limit 1",
      'limit 1',
      'Each batch writes the row of each of its users.',
    ],
    [
      'on true where k.known is null',
      'on true where true or k.known is null',
      'An event that comes again with another time is counted twice.',
    ],
    [
      '  await tx.query(lock, [org]);\n',
      '',
      'Two batches at once with the same events at other times both count them.',
    ],
    [
      'where k.org_id = $1 and k.id = s.id',
      'where $1::uuid is not null and k.id = s.id',
      "An event is taken for another organization's, because it has the same id.",
    ],
    [
      'from users where org_id = $1 and id = any($2::uuid[])',
      'from users where $1::uuid is not null and id = any($2::uuid[])',
      'Activity is stored for users of another organization.',
    ],
  ),
  ...breaksOf(
    'src/activity/rules/whole-days.ts',
    ['test/activity/storage.test.ts'],
    [
      'Math.max(Math.ceil(start / DAY_MS) * DAY_MS, known)',
      'Math.ceil(start / DAY_MS) * DAY_MS',
      'The top users lack what they did before figures by the day were kept.',
    ],
  ),
  ...breaksOf(
    'src/idempotency/store.ts',
    ['test/directory/repeated-requests.test.ts', 'test/admin/idempotency.test.ts'],
    [
      'where org_id = $1 and actor_id = $2 and key = $3',
      'where org_id = $1 and key = $3 and $2::uuid is not null',
      "A user is answered with another user's new API key.",
    ],
    [
      'where k.request_hash = excluded.request_hash or ${stale}',
      '',
      'Two requests that share a key are both carried out.',
    ],
    [
      "and created_at >= $4::timestamptz - interval '1 day'",
      'and $4::timestamptz is not null',
      'A key of last year is answered with its old answer.',
    ],
  ),
  ...breaksOf(
    'src/directory/users/store/writes.ts',
    ['test/scim/order.test.ts', 'test/scim/faults.test.ts', 'test/scim/concurrency.test.ts'],
    [
      'where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id, ${searchColumns}',
      'where org_id = $1 and id = $2 and deleted_at is null and $3::bigint > 0\n      returning id, ${searchColumns}',
      'A change that was decided on an older version overwrites a newer one.',
    ],
  ),
  ...breaksOf(
    'src/lifecycle/store/status.ts',
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
      'where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id\n    ), e as (',
      'where org_id = $1 and id = $2 and deleted_at is null and $3::bigint > 0\n      returning id\n    ), e as (',
      'A status that was decided on an older version overwrites a newer one.',
    ],
  ),
  ...breaksOf(
    'src/lifecycle/store/status.ts',
    [
      'test/admin/lifecycle.test.ts',
      'test/admin/elevations-end.test.ts',
      'test/admin/api-keys.test.ts',
      'test/admin/sign-in.test.ts',
    ],
    [
      "sessions_from = case when ${isSignedOut} or (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else sessions_from end,",
      '',
      'Sessions continue after their user was deactivated and activated again.',
    ],
    [
      "keys_from = case when (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else keys_from end,",
      '',
      'API keys work again when their user is activated.',
    ],
    [
      'then deactivations + 1 else deactivations end`',
      'then deactivations else deactivations end`',
      'An elevation is in effect again when its user is activated.',
    ],
  ),
  ...breaksOf(
    'src/lifecycle/store/status.ts',
    ['test/races/access.test.ts'],
    [
      "keys_from = case when (${status} = 'inactive') <> (status = 'inactive') then",
      "keys_from = case when ${status} = 'inactive' and status <> 'inactive' then",
      'An API key that is made while a deactivation waits works after the activation.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/writes.ts',
    ['test/scim/order.test.ts'],
    [
      '($7::bigint is null or version = $7)',
      '($7::bigint is null or version > 0)',
      'A conditional DELETE removes the newer group.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/write-sql.ts',
    [
      'test/scim/faults.test.ts',
      'test/scim/memberships.test.ts',
      'test/scim/isolation.test.ts',
      'test/scim/concurrency.test.ts',
      'test/scim/order.test.ts',
    ],
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
      "from: 'users where org_id = $1 and id = $3 and deleted_at is null'",
      "from: 'users where org_id = $1 and id = $3'",
      'A deleted user is added to a group.',
    ],
    [
      'where not exists (select from missing)\n    ), ${removed}`',
      ') , ${removed}`',
      'A change of members that is rejected removes some of them.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/membership-sql.ts',
    ['test/scim/memberships.test.ts'],
    ['and held.sources = array[${source}]', '', 'SCIM takes a membership away that an administrator gave.'],
  ),
  ...breaksOf(
    'src/directory/groups/store/membership-sql.ts',
    ['test/races/groups.test.ts'],
    ['limit 1 for update', 'limit 1', 'A share that is taken while another is given stays.'],
  ),
  ...breaksOf(
    'src/directory/users/store/users.ts',
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
  ),
  ...breaksOf(
    'src/directory/users/store/rows.ts',
    ['test/scim/order.test.ts', 'test/scim/isolation.test.ts', 'test/scim/faults.test.ts'],
    [
      'l.user_id = u.id and l.connection_id = $2`;\n\n/** The same for users whose',
      'l.user_id = u.id and $2::uuid is not null`;\n\n/** The same for users whose',
      "A connection reads another connection's external ids.",
    ],
  ),
  ...breaksOf(
    'src/directory/search/store/listings.ts',
    ['test/scim/isolation.test.ts', 'test/scim/deleted-users.test.ts'],
    [
      "live: 'u.org_id = $1 and u.deleted_at is null'",
      "live: 'u.org_id = $1'",
      'Deleted users are in SCIM lists.',
    ],
    [
      "live: 'u.org_id = $1 and u.deleted_at is null'",
      "live: '$1::uuid is not null and u.deleted_at is null'",
      "Other organizations' users are in SCIM lists.",
    ],
    [
      "live: 'g.org_id = $1'",
      "live: '$1::uuid is not null'",
      "Other organizations' groups are in SCIM lists.",
    ],
  ),
];
