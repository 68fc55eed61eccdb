import { type Break, breaksOf } from '../break.ts';

/** Conditions of statements on credentials, elevations and what hangs on users: whose rows, until when. */
export const credentialBreaks: readonly Break[] = [
  ...breaksOf(
    'src/directory/organizations/store/owners.ts',
    ['test/scim/order.test.ts', 'test/admin/roles.test.ts', 'test/admin/lifecycle.test.ts'],
    [
      "and owner and status = 'active' and deleted_at is null",
      'and owner and deleted_at is null',
      'An inactive owner is taken for an owner who is left.',
    ],
    [
      "and owner and status = 'active' and deleted_at is null",
      "and owner and status = 'active'",
      'A deleted owner is taken for an owner who is left.',
    ],
  ),
  ...breaksOf(
    'src/provisioning/store/tokens.ts',
    ['test/admin/scim-connections.test.ts', 'test/scim/isolation.test.ts'],
    [
      'set expires_at = least(expires_at, $3::timestamptz)',
      'set expires_at = $3::timestamptz',
      "Rotation lengthens a token's life.",
    ],
    [
      'where t.hash = $1 and t.revoked_at is null and',
      'where t.hash = $1 and',
      'A revoked SCIM token keeps working.',
    ],
    [
      'and (t.expires_at is null or t.expires_at > $2)',
      'and $2::timestamptz is not null',
      'An expired SCIM token keeps working.',
    ],
    [
      'where org_id = $1 and connection_id = $2 and id = $3 and revoked_at is null returning id',
      'where $1::uuid is not null and $2::uuid is not null and id = $3 and revoked_at is null returning id',
      "An administrator revokes another organization's token.",
    ],
    [
      'where org_id = $1 and connection_id = $2 and ($3::uuid is null or id < $3)',
      'where org_id = $1 and $2::uuid is not null and ($3::uuid is null or id < $3)',
      "A connection's page lists the tokens of others.",
    ],
  ),
  ...breaksOf(
    'src/access/api-keys/store.ts',
    ['test/admin/api-keys.test.ts', 'test/admin/lifecycle.test.ts'],
    ['const live = `k.revoked_at is null and (', 'const live = `(', 'A revoked API key keeps working.'],
    [
      '(k.expires_at is null or k.expires_at > $2::timestamptz)\n    and u.status',
      '$2::timestamptz is not null\n    and u.status',
      'An expired API key keeps working.',
    ],
    [
      "and u.status = 'active' and u.deleted_at is null and not",
      'and not',
      'The API key of a deactivated user keeps working.',
    ],
    ["and not ${lockHolds('$2')}", '', 'The API key of a locked account keeps working.'],
    ['and (u.keys_from is null or k.enabled_at > u.keys_from)`;', '`;', 'A disabled API key keeps working.'],
    [
      'update api_keys set revoked_at = $4 where org_id = $1 and user_id = $2 and',
      'update api_keys set revoked_at = $4 where org_id = $1 and $2::uuid is not null and',
      "A user revokes another user's API key.",
    ],
  ),
  ...breaksOf(
    'src/access/elevations/store.ts',
    [
      'test/admin/elevations-end.test.ts',
      'test/admin/elevations.test.ts',
      'test/admin/elevation-approval.test.ts',
    ],
    [
      "where e.org_id = $1 and e.id = $2 and u.status = 'active' for share of u",
      'where e.org_id = $1 and e.id = $2 for share of u',
      'An elevation begins for a deactivated user.',
    ],
    [
      "where org_id = $1 and id = $3 and ($7 = 'pending' or status = 'active') for share",
      'where org_id = $1 and id = $3 and $7::text is not null for share',
      'A deactivated user is elevated.',
    ],
  ),
  ...breaksOf(
    'src/directory/users/store/rows.ts',
    [
      'test/admin/elevations-end.test.ts',
      'test/admin/elevations.test.ts',
      'test/admin/elevation-approval.test.ts',
    ],
    ['and e.expires_at > :now::timestamptz', '', 'An elevation continues after its end.'],
    ["and e.user_id = u.id and e.state = 'active'", 'and e.user_id = u.id', 'A revoked elevation continues.'],
    ['      and ${ofThisActivation})`', ')`', 'An elevation survives a deactivation.'],
  ),
  ...breaksOf(
    'src/invitations/store.ts',
    [
      'test/sign-in/concurrent-changes.test.ts',
      'test/admin/invitations.test.ts',
      'test/sign-in/mailed-links.test.ts',
    ],
    [
      'i.id = $2 and i.hash = $3',
      'i.id = $2 and $3::bytea is not null',
      'The old link of an invitation works if it races a new one.',
    ],
    [
      'and i.accepted_at is null and i.revoked_at is null and i.expires_at > $4',
      'and i.accepted_at is null and i.expires_at > $4',
      'A revoked invitation is accepted if it was looked at before.',
    ],
    [
      "and u.id = i.user_id and ${isMailedToAddress('i')} returning i.id",
      'and u.id = i.user_id returning i.id',
      'A link that was mailed to an address is accepted for the user of another one.',
    ],
  ),
  ...breaksOf(
    'src/exports/store.ts',
    ['test/admin/exports.test.ts'],
    [
      'from exports where org_id = $1 and id = $2 and expires_at > $3',
      'from exports where org_id = $1 and id = $2 and $3::timestamptz is not null',
      'An expired export is downloaded.',
    ],
    [
      "where org_id = $1 and user_id = $3 and state = 'running' and expires_at > $5",
      "where org_id = $1 and user_id = $3 and state = 'other' and expires_at > $5",
      'A user starts any number of concurrent exports.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/memberships.ts',
    ['test/admin/permissions.test.ts', 'test/admin/trespass.test.ts', 'test/admin/roles.test.ts'],
    [
      'where org_id = $1 and (id = any($2::uuid[]) or',
      'where $1::uuid is not null and (id = any($2::uuid[]) or',
      "An administrator reaches another organization's groups.",
    ],
  ),
  ...breaksOf(
    'src/lifecycle/store/erasure.ts',
    ['test/scim/order.test.ts', 'test/admin/lifecycle.test.ts', 'test/scim/faults.test.ts'],
    [
      'where org_id = $1 and id = $2 and version = $3 and deleted_at is null\n      returning id',
      'where org_id = $1 and id = $2 and $3::bigint > 0 and deleted_at is null\n      returning id',
      'A DELETE under If-Match removes a newer user.',
    ],
    [
      'user_name_key = null, email_key = null, shared_email_key = null, display_name_key = null',
      'display_name_key = null',
      'A deleted user keeps their names from others.',
    ],
    [
      'delete from user_links l using u where',
      'select from user_links l, u where',
      'A deleted user stays linked to the connection.',
    ],
  ),
  ...breaksOf(
    'src/access/resources/store.ts',
    ['test/admin/resources.test.ts', 'test/admin/lifecycle.test.ts'],
    [
      'where granted.type = resources.type and granted.tag = any (resources.tags)',
      'where granted.type is not null and granted.tag = any (resources.tags)',
      'A grant by tag on one type lists resources of another.',
    ],
  ),
];
