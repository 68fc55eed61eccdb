import { type Break, breaksOf } from '../break.ts';

/** The SCIM protocol: conditions, filters, limits. */
export const scimBreaks: readonly Break[] = [
  ...breaksOf(
    'src/directory/users/provisioned-role.ts',
    ['test/scim/roles.test.ts'],
    [
      'if (compareRoles(to, limit.role) > 0) {',
      'if (compareRoles(to, limit.role) > 9) {',
      'SCIM assigns a role above the limit of the user who chose the role source.',
    ],
    [
      'if (owner && !chooser.owner) {',
      'if (owner && chooser.owner) {',
      'What an administrator set up demotes an owner.',
    ],
  ),
  ...breaksOf(
    'src/sso/store/logins.ts',
    ['test/scim/shared-addresses.test.ts'],
    [
      'coalesce(u.email_key, u.shared_email_key) = any($5::text[])',
      'u.email_key = any($5::text[])',
      'Single sign-on links one of two users who share an address.',
    ],
  ),
  ...breaksOf(
    'src/scim/conditional-requests.ts',
    ['test/scim/faults.test.ts', 'test/scim/bad-input.test.ts'],
    [
      "return condition === '*' || condition.has(opaque(version));",
      "return condition === '*' || condition.size > 0;",
      'If-Match matches any version.',
    ],
  ),
  ...breaksOf(
    'src/scim/users.ts',
    ['test/scim/faults.test.ts', 'test/scim/exchanges.test.ts'],
    [
      'const active = request.ifMatch === undefined ? onlyActive',
      'const active = request.ifMatch !== null ? onlyActive',
      'A PATCH of active ignores If-Match.',
    ],
    [
      "active: resource['active'] ?? false",
      "active: resource['active'] ?? true",
      'Removing active activates a user.',
    ],
    [
      "...(resource['active'] === undefined ? { active: current['active'] } : {}),",
      '',
      'A PUT without active activates a user.',
    ],
  ),
  ...breaksOf(
    'src/scim/groups.ts',
    ['test/scim/group-writes.test.ts'],
    [
      "clear: true, add: memberIds(resource['members'])",
      "clear: 'members' in resource, add: memberIds(resource['members'])",
      'A PUT of a group without members keeps them.',
    ],
  ),
  ...breaksOf(
    'src/scim/quirks/dialect.ts',
    ['test/scim/unknown-attributes.test.ts', 'src/scim/schema/coerce.test.ts'],
    [
      'if (unknownAttributeQuirk === undefined) return false;',
      '',
      'Strict mode leaves out what no schema has.',
    ],
    ['return dialect.start();', 'return dialect;', 'An answer names what another request sent.'],
  ),
  ...breaksOf(
    'src/scim/patch/operation.ts',
    ['test/scim/bad-input.test.ts'],
    [
      'if (applied > MAX_APPLIED) throw',
      'if (applied > 1_000_000) throw',
      'A PATCH of a user costs as much as its operations squared.',
    ],
    [
      'if (operations.length > MAX_OPERATIONS) throw',
      'if (operations.length > 1_000_000) throw',
      'A PATCH has any number of operations.',
    ],
  ),
  ...breaksOf(
    'src/scim/filter/predicate.ts',
    ['test/scim/filters.test.ts'],
    ['if (value !== value.toLowerCase()) return nothing;', '', 'A filter by id finds an id in another case.'],
  ),
  ...breaksOf(
    'src/scim/filter/parser.ts',
    ['src/scim/filter/parser.test.ts', 'test/scim/bad-input.test.ts'],
    [
      'if (depth > MAX_DEPTH) throw',
      'if (depth > 1_000) throw',
      'A filter nests so deep that it costs seconds.',
    ],
    ['if (nodes > MAX_NODES) throw', 'if (nodes > 1_000_000) throw', 'A filter has any number of parts.'],
  ),
  ...breaksOf(
    'src/scim/filter/lexer.ts',
    ['src/scim/filter/parser.test.ts', 'test/scim/bad-input.test.ts'],
    ['export const MAX_LENGTH = 8_192;', 'export const MAX_LENGTH = 8_192_000;', 'A filter has any length.'],
  ),
  ...breaksOf(
    'src/scim/list-request.ts',
    ['src/scim/list-request.test.ts'],
    ['limit: Math.min(count, MAX_COUNT),', 'limit: count,', 'A page has any number of resources.'],
  ),
  ...breaksOf(
    'src/scim/bulk/bulk.ts',
    ['test/scim/bulk.test.ts', 'test/provisioning/bulk-log.test.ts'],
    [
      'await request.countOperations(operations.length - 1);',
      '',
      'A Bulk is a way around the limits of requests.',
    ],
    [
      'if (errors >= failOnErrors) continue;',
      '',
      'A Bulk goes on after as many errors as its client accepts.',
    ],
    [
      'throw unresolved(`No operation of this Bulk creates what bulkId ${quote(bulkId)} stands for.`);',
      'return bulkId;',
      'A reference that leads nowhere is stored as it is.',
    ],
    [
      'if (isOver) throw outage?.error;',
      '',
      'A Bulk waits for a database that is away, operation by operation.',
    ],
  ),
  ...breaksOf(
    'src/scim/bulk/operation.ts',
    ['test/scim/bulk.test.ts'],
    [
      'ifMatch: call.version,\n      ifNoneMatch',
      'ifMatch: undefined,\n      ifNoneMatch',
      'The version of an operation of a Bulk is no condition.',
    ],
    ['if (!routes.has(endpoint.route)) {', 'if (routes.size === 0) {', 'A Bulk may have a Bulk in it.'],
  ),
  ...breaksOf(
    'src/scim/authentication.ts',
    ['test/scim/bad-input.test.ts', 'test/scim/requests.test.ts', 'test/http/limits.test.ts'],
    [
      'if (charset !== undefined && !isAscii(bytes)) throw notUtf8(charset);',
      '',
      'Another charset is read as UTF-8.',
    ],
    ["checkEncoding(request.headers['content-encoding']);", '', 'A compressed body is read as JSON.'],
    [
      'await limits.countInvalidCredential(clientAddress(request));',
      '',
      'Wrong tokens are tried without limit.',
    ],
    ['await limits.count(org, connection);', '', 'A connection sends any number of requests.'],
  ),
  ...breaksOf(
    'src/directory/search/store/predicate-sql.ts',
    ['test/scim/filter-sql.test.ts'],
    ['is not true)`;', 'is false)`;', 'A negated filter loses users without the attribute.'],
  ),
  ...breaksOf(
    'src/http/json.ts',
    ['test/scim/bad-input.test.ts'],
    [
      'if (countMembers(value) !== members)',
      'if (countMembers(value) < 0)',
      'Two readers read one body differently.',
    ],
    [
      'if (depth > MAX_DEPTH) throw',
      'if (depth > 100_000) throw',
      'A body nests so deep that it ends the process.',
    ],
  ),
  ...breaksOf(
    'src/provisioning/role-source.ts',
    ['test/scim/roles.test.ts', 'test/admin/scim-connections.test.ts'],
    [
      "if (roleSource === 'scim_roles' && by.actor.type === 'service_account') throw forbidden(USERS_ONLY);",
      '',
      'A service account becomes the user whose limit applies.',
    ],
    [
      "highestRole('readonly', ...Object.values(roleAliases))",
      "highestRole('readonly', ...Object.values(roleAliases).slice(9))",
      'An alias means a role above the limit of the user who chose it.',
    ],
  ),
  ...breaksOf(
    'src/scim/schema/value-limit.ts',
    ['test/scim/value-limit.test.ts'],
    [
      'if (count <= Math.max(MAX_VALUES, present.get(attribute) ?? 0)) continue;',
      'if (count <= Math.max(MAX_VALUES * 99, present.get(attribute) ?? 0)) continue;',
      'The number of addresses of a user is not limited.',
    ],
    [
      'if (count <= Math.max(MAX_VALUES, present.get(attribute) ?? 0)) continue;',
      'if (count <= MAX_VALUES) continue;',
      'A user who had more values before the limit cannot be deactivated.',
    ],
    [
      'if (left < 0) throw tooManySent();',
      '',
      'A request with 200,000 values blocks all other requests for seconds.',
    ],
  ),
  ...breaksOf(
    'src/directory/search/store/term-lookups.ts',
    ['test/directory/common-filters.test.ts'],
    [
      "const mayBeEmpty = value === '' || comparator === 'lt' || comparator === 'le';",
      'const mayBeEmpty = false;',
      'A filter does not find users whose attribute is an empty text.',
    ],
  ),
];
