import { type Break, breaksOf } from '../break.ts';

/** Rules and the commands that call them. */
export const ruleBreaks: readonly Break[] = [
  ...breaksOf(
    'src/directory/roles/rules/guards.ts',
    [
      'src/directory/roles/rules/guards.test.ts',
      'test/admin/roles.test.ts',
      'test/admin/permissions.test.ts',
      'test/admin/email-changes.test.ts',
    ],
    ["if (scope === 'none') throw forbidden();", '', 'A permission that a role does not have is granted.'],
    [
      "if (requirePermission(by, permission) !== 'all') throw forbidden();",
      'requirePermission(by, permission);',
      'A group manager acts on the whole organization.',
    ],
    [
      "if (scopeOf(by, 'users:manage') !== 'all') throw forbidden(ADMINISTRATORS_ONLY);",
      '',
      'A manager of groups moves the sign-in address of a user.',
    ],
    [
      "if (act === 'whole account' && isSelf(by, target.id)) throw selfChange();",
      '',
      'An administrator deactivates their own account.',
    ],
    [
      'if (target.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);',
      '',
      'An admin acts on an owner.',
    ],
    [
      "if (target.owner || compareRoles(effectiveRole(target), 'configure') >= 0) {",
      'if (target.owner) {',
      'A group manager acts on an admin in their group.',
    ],
    [
      "if (act === 'whole account' && !target.groupRoles.every(({ group }) => managed.has(group))) {",
      "if (act === 'whole account' && target.groupRoles.length === 0) {",
      'A group manager deactivates a user who is also in groups of others.',
    ],
    ["return { scope, role: 'train' };", "return { scope, role: 'admin' };", 'A group manager makes admins.'],
    [
      "policy.onlyOwnersGrantAdmin && !isOwner(by.rights) ? 'configure' : 'admin'",
      "'admin'",
      'An admin makes admins although only owners may.',
    ],
    [
      'if (compareRoles(role, limit) > 0) {',
      'if (compareRoles(role, limit) > 1) {',
      'The limit of roles is one too high.',
    ],
    ['  if (isSelf(by, target.id)) throw selfChange();\n', '', 'A user changes their own role.'],
    [
      "return scope === 'group' && sharesManagedGroup(by, target);",
      "return scope === 'group';",
      'A group manager reads everybody.',
    ],
  ),
  ...breaksOf(
    'src/directory/roles/authority.ts',
    ['src/directory/roles/authority.test.ts', 'test/admin/roles.test.ts', 'test/admin/api-keys.test.ts'],
    [
      'scopes === undefined || scopes.has(permission) ? reach(rights, permission)',
      'reach !== undefined ? reach(rights, permission)',
      'An API key does what it was not made for.',
    ],
    [".filter(({ inGroupRole }) => inGroupRole === 'manager')", '', 'A plain member of a group manages it.'],
  ),
  ...breaksOf(
    'src/access/elevations/rules.ts',
    ['src/access/elevations/rules.test.ts', 'test/admin/elevations.test.ts'],
    [
      'if (scopes !== undefined || role ===',
      'if (role ===',
      'An API key elevates its owner without approval.',
    ],
    [
      'if (length > LONGEST_HOURS * 60 * MINUTE) {',
      'if (length > LONGEST_HOURS * 600 * MINUTE) {',
      'An elevation lasts ten days.',
    ],
    ['if (length <= 0) throw', 'if (length < -MINUTE) throw', 'An elevation ends before it begins.'],
  ),
  ...breaksOf(
    'src/access/elevations/commands.ts',
    ['test/admin/elevation-approval.test.ts', 'test/admin/elevations.test.ts'],
    [
      'if (isSelf(by, elevation.user) || isSelf(by, elevation.requester.id)) {',
      "if (elevation.user === '') {",
      'A user approves their own request.',
    ],
    [
      '    requirePending(elevation);\n    return elevation;',
      '    return elevation;',
      'A rejected request is approved.',
    ],
    [
      'if (elevation.requester.id !== actor.rights.id) throw forbidden();',
      '',
      "A user cancels another user's request.",
    ],
    [
      'requireGrantable(actor, role, settings);\n        const user = await loadDirectoryUser(context, request.user);',
      'const user = await loadDirectoryUser(context, request.user);',
      'An admin approves a role that they may not give.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/rules.ts',
    ['src/directory/groups/rules.test.ts', 'test/admin/permissions.test.ts', 'test/admin/resources.test.ts'],
    [
      'resourceType === resource.type &&',
      "resourceType !== '' &&",
      'A grant by tag on agents opens data sources.',
    ],
    [
      'LEVELS.indexOf(level) >= LEVELS.indexOf(from)',
      'LEVELS.indexOf(level) >= 0',
      'A grant to use lets a user edit.',
    ],
  ),
  ...breaksOf(
    'src/access/api-keys/rules.ts',
    [
      'src/access/api-keys/rules.test.ts',
      'test/admin/api-keys.test.ts',
      'test/admin/service-accounts.test.ts',
    ],
    [
      "scopes.filter((scope) => reach(owner, scope) === 'none')",
      'scopes.filter(() => false)',
      'A key is made for more than its owner may.',
    ],
    [
      "['none', 'self'].includes(reach(account, scope)) ||",
      '',
      'A key of a service account is made for more than the account may.',
    ],
    [
      "||\n      scopeOf(by, scope) === 'none'",
      '',
      'A manager makes a key for more than they may themselves.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/rules/lockout.ts',
    ['test/admin/sign-in.test.ts', 'test/admin/settings.test.ts'],
    [
      'Date.parse(opensAt) > now.getTime()',
      'Date.parse(opensAt) < now.getTime()',
      'A locked account opens at once.',
    ],
  ),
  ...breaksOf(
    'src/directory/last-owner.ts',
    ['test/scim/order.test.ts'],
    [
      '    if (isLocked) await lockOrganization(tx, org);\n',
      '',
      'Two owners are deactivated concurrently and none is left.',
    ],
    ['if (isRequired) await requireAnActiveOwner(tx, org);', '', 'The last owner is deactivated by SCIM.'],
  ),
  ...breaksOf('src/directory/command-runner.ts', [
    'test/admin/roles.test.ts',
    'test/admin/lifecycle.test.ts',
  ]),
  ...breaksOf(
    'src/directory/roles/commands.ts',
    ['test/admin/roles.test.ts'],
    [
      'if (confirmed !== null && confirmed !== impactToken(user, role)) {',
      'if (confirmed === undefined) {',
      'A role changes although its impact has changed since it was looked at.',
    ],
    [
      "if (owner && (user.role !== 'admin' || user.status !== 'active')) {",
      "if (owner && user.status !== 'active') {",
      'A readonly user becomes an owner.',
    ],
    [
      "if (isOwner(by.rights) && scopeOf(by, 'owner:grant') !== 'none') return;",
      'if (isOwner(by.rights)) return;',
      'An API key without the scope makes owners.',
    ],
  ),
  ...breaksOf(
    'src/lifecycle/removal.ts',
    ['test/admin/lifecycle.test.ts'],
    ['  requireOther(by, user);\n', '', 'An admin deletes themselves.'],
    [
      'if (user.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);\n  if (user.deletedAt',
      'if (user.deletedAt',
      'An admin deletes an owner.',
    ],
    [
      'if (user.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);\n  const names',
      'const names',
      'An admin brings a deleted owner back.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/commands.ts',
    ['test/admin/roles.test.ts', 'test/admin/permissions.test.ts'],
    [
      "if (role === 'admin' && !isOwner(by.rights)) {",
      'if (role === null) {',
      'An admin lets a group carry the role admin.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/members.ts',
    ['test/admin/roles.test.ts', 'test/admin/permissions.test.ts'],
    [
      "directoryUser.id === user && mayRead(actor, 'users:read', directoryUser)",
      'directoryUser.id === user',
      'A group manager puts a user that they may not see into their group.',
    ],
  ),
  ...breaksOf(
    'src/invitations/invite.ts',
    ['test/admin/invitations.test.ts', 'test/admin/onboarding.test.ts', 'test/admin/roles.test.ts'],
    [
      '  requireGrantable(by, role, settings);\n',
      '',
      'An invitation gives a role that the inviter may not give.',
    ],
    [
      "if (scopeOf(by, 'users:manage') !== 'all' && groups.length === 0) {",
      "if (scopeOf(by, 'users:manage') === 'none') {",
      'A group manager invites users into no group of theirs.',
    ],
    [
      "if (role !== 'readonly' && settings.trainingRequired) {",
      "if (role === 'admin' && settings.trainingRequired) {",
      'A role is given before the training that it depends on.',
    ],
  ),
];
