import { type Break, breaksOf } from '../break.ts';

/** What is read of what happened: the audit trail with its seals, and alerts. */
export const readingBreaks: readonly Break[] = [
  ...breaksOf(
    'src/attention/queries.ts',
    ['test/attention/attention.test.ts'],
    [
      "read === 'all' ? undefined : [...managedGroups(by.rights)]",
      'undefined',
      'A manager is shown the people of the whole organization.',
    ],
    ['if (!scim && !sso) return', 'if (false) return', 'Everyone sees the connections of the organization.'],
  ),
  ...breaksOf(
    'src/directory/dry-run.ts',
    ['test/admin/dry-runs.test.ts'],
    ['      throw new RollBack();\n', '      return done.result;\n', 'A dry run changes what it shows.'],
  ),
  ...breaksOf(
    'src/sso/administration/provisioning-preview.ts',
    ['test/sso/role-preview.test.ts'],
    ['!isMore || trained.has(id)', 'true', 'A dry run forgets that more rights wait for training.'],
  ),
  ...breaksOf(
    'src/provisioning/role-source-preview.ts',
    ['test/provisioning/role-source-preview.test.ts'],
    [
      'next === undefined || next === user.role',
      'next === undefined',
      'A dry run counts who keeps their role.',
    ],
  ),
  ...breaksOf(
    'src/scim/dry-run.ts',
    ['test/provisioning/dry-run.test.ts'],
    ['if (!request.by.settings.isDryRun || isRead) {', 'if (isRead || !isRead) {', 'A dry run writes.'],
  ),
  ...breaksOf(
    'src/directory/groups/store/role-effects.ts',
    ['test/admin/dry-runs.test.ts'],
    ['and o.group_id <> $2', '', 'The role of the group itself hides that it is lost.'],
  ),
  ...breaksOf(
    'src/directory/groups/rules/address-pattern.ts',
    ['src/directory/groups/rules/address-pattern.test.ts'],
    [
      'text.length - last.length >= from && text.endsWith(last)',
      'text.endsWith(last)',
      'An address matches by characters that it has once and the pattern twice.',
    ],
    ['!ONLY_WILDCARDS.test(', '!/^$/.test(', 'A pattern adds everyone.'],
    ['from = found + part.length;', 'from = found;', 'Parts of a pattern match in one place.'],
  ),
  ...breaksOf(
    'src/directory/groups/store/patterns.ts',
    ['test/directory/address-patterns.test.ts', 'test/races/address-patterns.test.ts'],
    [", '_', '\\\\_')", ", '_', '_')", 'An underscore of a pattern matches any character.'],
    ['($4 or u.deleted_at is null)', 'true', 'A deleted user comes back without what their address gives.'],
    [
      '  await tx.query(holdMemberships, [org, groups, users]);\n',
      '',
      'A membership stays that no source grants.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/chosen-groups.ts',
    ['test/directory/address-patterns.test.ts'],
    ['compareRoles(role, limit) <= 0', 'true', 'A manager gives configure by inviting an address.'],
  ),
  ...breaksOf(
    'src/directory/groups/store/membership-sql.ts',
    ['test/directory/address-patterns.test.ts'],
    ['and ${PATTERN} <> all (held.sources)', '', 'Offboarding ends what the address gives.'],
  ),
  ...breaksOf(
    'src/posture/rules/figures.ts',
    ['src/posture/rules/figures.test.ts'],
    ['count >= FEWEST &&', '', 'Two administrators of three people are too many.'],
    ['/ percent) + 1;', '/ percent);', 'A share is measured among too few people.'],
  ),
  ...breaksOf(
    'src/directory/store/fragments.ts',
    ['test/posture/posture.test.ts'],
    [
      "where s.org_id = $1 and s.state = 'active'))`",
      'where s.org_id = $1))`',
      'A connection that is off counts as single sign-on.',
    ],
  ),
  ...breaksOf(
    'src/access/api-keys/store.ts',
    ['test/posture/posture.test.ts'],
    ['`${KEY_USED} < ?`', '`${KEY_USED} > ?`', 'Keys in use are listed as unused.'],
  ),
  ...breaksOf(
    'src/attention/store/connections.ts',
    ['test/attention/attention.test.ts'],
    [
      "and not (r.status = 404 and r.method = 'GET')",
      '',
      'A connection fails because its provider looks for a user who is not there.',
    ],
  ),
  ...breaksOf(
    'src/notifications/topics.ts',
    ['src/notifications/topics.test.ts'],
    [
      "scope === 'all' : scope !== 'none'",
      "scope !== 'none' : scope !== 'none'",
      'Managers of groups are told what administrators are told.',
    ],
    ['(ownersAtOnce === true && isOwner(rights))', 'false', 'An owner is not told of a mass change at once.'],
    [
      'chosen !== undefined && allowed.includes(chosen)',
      'chosen !== undefined',
      'What concerns one’s own account is switched off.',
    ],
  ),
  ...breaksOf(
    'src/notifications/sending.ts',
    ['test/notifications/notifications.test.ts'],
    ['isInAudience(topic, recipient.rights) &&', 'true &&', 'A digest goes to who was demoted meanwhile.'],
    ['|| !(await claimDigest(tx, org, day))', '', 'A clock that goes back makes a second digest.'],
  ),
  ...breaksOf(
    'src/notifications/jobs.ts',
    ['test/notifications/notifications.test.ts'],
    [
      'isInAudience(recipient.topic, rights) ? mail : undefined',
      'true ? mail : undefined',
      'A mail that waited goes to who was deactivated meanwhile.',
    ],
  ),
  ...breaksOf(
    'src/notifications/store/notifications.ts',
    ['test/notifications/notifications.test.ts'],
    [
      "is distinct from 'dead_job'",
      "is distinct from ''",
      'A mail about a dead job that is dead itself makes another one.',
    ],
  ),
  ...breaksOf(
    'src/undo/rules/plan.ts',
    ['src/undo/rules/plan.test.ts'],
    ['!event.inBatch &&', 'event.inBatch &&', 'An undo overwrites what someone else changed since.'],
    [
      "!planner.isOwner) return 'owner_only'",
      "planner.isOwner) return 'owner_only'",
      'An admin undoes what happened to an owner.',
    ],
    ["return 'self_change'", 'return undefined', 'An undo changes the account of who asks.'],
  ),
  ...breaksOf(
    'src/undo/commands.ts',
    ['test/undo/batches.test.ts'],
    ['|| current !== stored', '', 'An undo is confirmed though something else would happen than was shown.'],
  ),
  ...breaksOf(
    'src/undo/store/undos.ts',
    ['test/undo/undo.test.ts'],
    [
      'from undos u where u.org_id = $1 and u.id = $2',
      'from undos u where $1::uuid is not null and u.id = $2',
      "Another organization's undo is read.",
    ],
  ),
  ...breaksOf(
    'src/provisioning/mass-change.ts',
    ['test/undo/mass-change.test.ts'],
    [
      'if (!(await isMassChange(tx, org, connection, removed, settings))) return;',
      'return;',
      'A mass change is not held.',
    ],
  ),
  ...breaksOf(
    'src/audit/store/seals.ts',
    ['test/audit/seal-publishing.test.ts'],
    [
      'where org_id = $1 and digest = $2',
      'where org_id = $1 and $2::bytea is not null',
      'A kept seal is found that is not in the chain.',
    ],
  ),
  ...breaksOf(
    'src/audit-streams/delivery.ts',
    ['test/audit/streams.test.ts'],
    ['        await confirmEvents(tx, org, consumer, last);\n', '', 'An event is sent again and again.'],
  ),
  ...breaksOf(
    'src/audit/store/feed.ts',
    ['test/audit/feed.test.ts'],
    [
      'and (position, event_id) < ($3::bigint, $4::uuid)',
      'and $3::bigint is not null and $4::uuid is not null',
      'A worker that comes late moves a cursor back.',
    ],
  ),
  ...breaksOf(
    'src/platform/http-client/tls.ts',
    ['test/audit/streams.test.ts'],
    ['if (!closing)', 'if (closing)', 'What a receiver that closes did not read counts as delivered.'],
    [
      "minVersion: 'TLSv1.2',",
      "minVersion: 'TLSv1.2', rejectUnauthorized: false,",
      'Any certificate of a receiver is taken.',
    ],
  ),
  ...breaksOf(
    'src/audit/store/search.ts',
    ['test/audit/search.test.ts'],
    ["'e.org_id = $1',", "'$1::uuid is not null',", "Other organizations' events are in the audit trail."],
    [
      '(cut.floor is null or s.id >= cut.floor::uuid)',
      '(cut.floor is null or s.id < cut.floor::uuid)',
      'A page leaves out what a part of the search found.',
    ],
    [
      'where org_id = $1 and id = $2 and at between',
      'where $1::uuid is not null and id = $2 and at between',
      "Another organization's event is read by its id.",
    ],
  ),
  ...breaksOf(
    'src/audit/verification.ts',
    ['test/audit/seals.test.ts'],
    ['rootOf(leaves).equals(seal.root)', 'seal.root.length > 0', 'A changed event is verified.'],
    ['follows && isItself', 'follows', 'A changed seal is verified.'],
    ['seal.n !== expected', 'seal.n < expected', 'A missing seal is not noticed.'],
  ),
  ...breaksOf(
    'src/alerts/store/alerts.ts',
    ['test/alerts/alerts.test.ts'],
    [
      'from alerts a where a.org_id = $1\n',
      'from alerts a where $1::uuid is not null\n',
      "Other organizations' alerts are listed.",
    ],
    ['x.kind = f.kind', "x.kind = f.kind and x.key = ''", 'What is not suspicious opens alerts again.'],
    ['occurrences = 1 as opened', 'true as opened', 'An alert that is repeated is announced again.'],
  ),
  ...breaksOf(
    'src/alerts/detection.ts',
    ['test/alerts/alerts.test.ts'],
    ['< DAY_MS),', '< DAY_MS * 0),', 'Nothing that happens opens an alert.'],
  ),
  ...breaksOf(
    'src/platform/jobs/attempt-each.ts',
    ['test/alerts/alerts.test.ts'],
    [
      'failures.push(error);',
      'throw error;',
      'One organization whose alerts fail stops those of all others.',
    ],
  ),
  ...breaksOf(
    'src/history/store/states.ts',
    ['test/history/changes.test.ts'],
    [
      "where h.org_id = $1 and h.kind = 'user' and h.user_id > $3 and h.at <= $2::timestamptz",
      "where $1::uuid is not null and h.kind = 'user' and h.user_id > $3 and h.at <= $2::timestamptz",
      "Another organization's users are shown as of a moment.",
    ],
  ),
  ...breaksOf(
    'src/history/store/before.ts',
    ['test/undo/undo.test.ts'],
    [
      'p.seq < ${row}.seq',
      'p.seq <= ${row}.seq',
      'An undo restores what a change left, not what was before it.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/restore.ts',
    ['test/undo/undo.test.ts'],
    [
      'returning user_id as "user", ${historyTime(\'$4\')}',
      'returning user_id as "user"',
      'A restored membership is in the past as if it had never ended.',
    ],
  ),
  ...breaksOf(
    'src/history/store/snapshot.ts',
    ['test/history/changes.test.ts'],
    [
      "-nextval('history_seq')",
      "nextval('history_seq')",
      'The beginning of history hides changes made meanwhile.',
    ],
  ),
  ...breaksOf(
    'src/history/queries.ts',
    ['test/history/changes.test.ts'],
    ['if (!seesGroup(by, id)) throw groupNotThere();', '', 'The past of any group is shown to a manager.'],
    [
      "groups: scope === 'group' ? [...managedGroups(by.rights)] : []",
      'groups: by.rights.groupRoles.map(({ group }) => group)',
      'Members see the past of the other members of their groups.',
    ],
  ),
  ...breaksOf(
    'src/history/bundle/verify.ts',
    ['test/history/bundle.test.ts'],
    [
      'if (found !== digest)',
      'if (found.length !== digest.length)',
      'A changed file of a bundle is verified.',
    ],
    [
      'return verify(null, content, createPublicKey(key), signature);',
      'return true;',
      'A bundle is verified without its signature.',
    ],
    [
      "root.toString('hex') !== seal.root || again",
      'again',
      'A bundle whose seal has another root is verified.',
    ],
  ),
  ...breaksOf(
    'src/reviews/decisions.ts',
    ['test/reviews/reviews.test.ts'],
    [
      'if (item.userId !== null && isSelf(actor, item.userId)) {',
      "if (item.userId === 'nobody' && isSelf(actor, item.userId)) {",
      'Somebody reviews their own access.',
    ],
    [
      'if (!item.reviewers.includes(actor.rights.id)) throw',
      "if (item.reviewers.includes('nobody')) throw",
      'A manager decides about items of others.',
    ],
    [
      "item.decision !== null && item.decision !== 'keep'",
      "item.decision === 'deactivate'",
      'A decision is overwritten, and what it changed cannot be undone.',
    ],
  ),
  ...breaksOf(
    'src/reviews/apply.ts',
    ['test/reviews/reviews.test.ts'],
    [
      "if (user.role !== after?.['role']) throw",
      "if (user.role === 'readonly' && after === null) throw",
      'An undo overwrites what somebody changed since.',
    ],
  ),
  ...breaksOf(
    'src/reviews/store/reviewers.ts',
    ['test/reviews/faults.test.ts'],
    [
      'i.decision is null and i.reviewers @> array[$3::uuid]',
      'i.decision is not null and i.reviewers @> array[$3::uuid]',
      'Items of a reviewer who left wait for ever.',
    ],
  ),
  ...breaksOf(
    'src/reviews/store/items.ts',
    ['test/reviews/faults.test.ts'],
    [
      'from review_items i where i.org_id = $1 and i.review_id = $2 and i.id = $3 for update',
      'from review_items i where $1::uuid is not null and $2::uuid is not null and i.id = $3 for update',
      'An item of another organization is decided.',
    ],
  ),
  ...breaksOf(
    'src/history/store/sweep.ts',
    ['test/history/retention.test.ts'],
    [
      "sameThing('o.seq < b.seq and o.at <= b.until')",
      "sameThing('o.seq <= b.seq and o.at <= b.until')",
      'The newest state from before the retention is deleted.',
    ],
    [
      "exists (${sameThing('o.seq > b.seq and o.at <= b.until')})",
      'false',
      'A state whose clock was ahead stays when it was replaced.',
    ],
  ),
  ...breaksOf(
    'src/sso/administration/change.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    [
      "if (state !== 'active' || setUpLink.mayActivate) return;",
      'if (state !== undefined) return;',
      'The holder of a link changes what is in use.',
    ],
  ),
  ...breaksOf(
    'src/sso/administration/provisioning.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    ['requireGivenBefore(actor, role, before.provisioning);', '', 'The holder of a link gives any role.'],
  ),
  ...breaksOf(
    'src/sso/administration/activation.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    ['if (actor.setUpLink?.mayActivate === false)', 'if (false)', 'Any link activates its connection.'],
  ),
  ...breaksOf(
    'src/idempotency/idempotency-store.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    ['by.setUpLink?.id ?? by.rights.id', 'by.rights.id', 'One link gets the token of another.'],
  ),
  ...breaksOf(
    'src/directory/roles/find-authority.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    ['rights: { ...maker, owner: false }', 'rights: maker', 'A link acts as an owner.'],
  ),
  ...breaksOf(
    'src/set-up-links/store.ts',
    ['test/set-up-links/set-up-links.test.ts'],
    [
      'where l.revoked_at is null and l.expires_at > ${now}',
      'where l.expires_at > ${now}',
      'A revoked link works.',
    ],
    ['and l.expires_at > ${now}', '', 'A link works for ever.'],
    ['and l.test_until > $4', '', 'The address of a test works later than ten minutes.'],
    [
      'and (u.keys_from is null or l.created_at > u.keys_from)',
      '',
      'A link comes back with its maker after a deactivation.',
    ],
  ),
  ...breaksOf(
    'src/directory/users/store/users.ts',
    ['test/races/users.test.ts'],
    [
      "'select from users where org_id = $1 and id = $2 for no key update'",
      "'select from users where org_id = $1 and id = $2'",
      'A role is recorded of a user whom a directory deletes at that moment.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/commands.ts',
    ['test/races/groups.test.ts'],
    [
      'await lockGroup(tx, org, id);',
      '',
      'A new description gives a group back the name that its directory changes at that moment.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/memberships.ts',
    ['test/races/groups.test.ts'],
    [
      '`${resolveText} for key share`',
      'resolveText',
      'A group that is deleted gets members, and the request fails.',
    ],
  ),
  ...breaksOf(
    'src/imports/run.ts',
    ['test/races/imports.test.ts'],
    [
      'if (left > 1 && error instanceof DomainError && RACED.includes(error.code)) continue;',
      '',
      'A row of an import says nothing of the user whom a directory created at that moment.',
    ],
  ),
  ...breaksOf(
    'src/undo/apply-profile.ts',
    ['test/races/undo.test.ts'],
    [
      'if (since.some((name) => attributes.includes(name))) {',
      'if (since.length < 0) {',
      'An undo overwrites what an administrator changed after its confirmation.',
    ],
  ),
  ...breaksOf(
    'src/directory/groups/store/write-sql.ts',
    ['test/races/groups.test.ts'],
    [
      'where cardinality($8::uuid[]) = 0 and u.there and',
      'where cardinality($8::uuid[]) = 0 and',
      'A deleted user loses a group by a list that cannot name them.',
    ],
  ),
  ...breaksOf(
    'src/directory/users/store/filter.ts',
    ['test/posture/plans.test.ts'],
    [
      "outsideSso: outsideSso === true ? await findOutsideSso(db, org) : 'many',",
      "outsideSso: 'many',",
      'The list of those outside single sign-on reads everyone.',
    ],
  ),
  ...breaksOf(
    'src/posture/store/everyone.ts',
    ['test/posture/posture.test.ts'],
    [
      '(${LINKED_USERS} except (${OTHERS}))',
      '(${LINKED_USERS})',
      'Those who left and are linked are taken from the people outside single sign-on.',
    ],
  ),
  ...breaksOf(
    'src/posture/queries.ts',
    ['test/posture/time-limits.test.ts'],
    [
      'if (!(error instanceof DatabaseUnavailable) || !TOO_LATE.includes(error.reason)) throw error;',
      'throw error;',
      'One slow figure takes all of the posture away.',
    ],
    ['onNotCounted(what, error);', '', 'A figure is missing and the log says nothing.'],
  ),
  ...breaksOf(
    'src/invitations/acceptance.ts',
    ['test/sign-in/concurrent-changes.test.ts'],
    [
      "if (current?.status !== 'pending') throw used();",
      'if (current === undefined) throw used();',
      'An invitation activates a user who is deactivated at that moment.',
    ],
  ),
  ...breaksOf(
    'src/exports/commands.ts',
    ['test/admin/exports.test.ts'],
    [
      'rights === undefined || wasDeactivated',
      'rights === undefined',
      'A download link comes back with its maker after a deactivation.',
    ],
  ),
  ...breaksOf(
    'src/provisioning/log/rules/replayable.ts',
    ['src/provisioning/log/rules/replayable.test.ts', 'test/provisioning/bulk-log.test.ts'],
    [
      "if (code === 'bulk_reference') {",
      "if (code === 'none') {",
      'A replay stores the reference of a Bulk as it is.',
    ],
    [
      "if (state === 'omitted') {",
      "if (state === 'none' && status < 0) {",
      'A Bulk without a body is replayed.',
    ],
  ),
  ...breaksOf(
    'src/scim/self-test.ts',
    ['test/provisioning/self-test.test.ts'],
    ['strict ? strictDialect : tolerantDialect', 'tolerantDialect', 'A self-test ignores strict mode.'],
  ),
  ...breaksOf(
    'src/provisioning/store/failing.ts',
    ['test/provisioning/health.test.ts'],
    ['${row}.status in (409, 412)', 'false', 'A name that is taken is a failure of the connection.'],
    [
      ' and coalesce(${row}.user_id, ${row}.group_id) is not null',
      '',
      'An address that leads nowhere shows that the connection works.',
    ],
    ['FAILURES_IN_A_ROW = 3', 'FAILURES_IN_A_ROW = 2', 'A connection fails after two failures.'],
  ),
  ...breaksOf(
    'src/directory/organizations/logo/commands.ts',
    ['test/admin/logo.test.ts'],
    ['.update(randomBytes(32))', '', 'Who has a logo can ask whether its organization is here.'],
  ),
  ...breaksOf(
    'src/pages/routes/logos.ts',
    ['test/admin/logo.test.ts'],
    [
      `"default-src 'none'; sandbox"`,
      `"default-src 'self'"`,
      'A file that is served as a logo may load more.',
    ],
  ),
  ...breaksOf(
    'src/demonstration/store/removal.ts',
    ['test/demonstration/demonstration.test.ts'],
    [
      "'exists (select from organizations o where o.id = $1 and o.demonstration_of = $2)'",
      "'$2::uuid is not null'",
      'The removal of a demonstration deletes rows of any organization.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/sessions.ts',
    ['test/demonstration/demonstration.test.ts'],
    ['and o.demonstration_of is null and ${live}', 'and ${live}', 'Any session of a demonstration counts.'],
    [
      'and s.opened_from = $4 and ${live}',
      'and $4::uuid is not null and ${live}',
      'The session of a demonstration counts beside any session of an owner.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/passwords.ts',
    ['test/demonstration/demonstration.test.ts'],
    [
      ') u on true ${credentials} where o.demonstration_of is null`',
      ') u on true ${credentials}`',
      'One signs in to a demonstration.',
    ],
  ),
  ...breaksOf(
    'src/notifications/jobs.ts',
    ['test/demonstration/demonstration.test.ts'],
    ['if (!isShown) await mailer.send', 'await mailer.send', 'Mails of a demonstration are sent.'],
  ),
  ...breaksOf(
    'src/alerts/rules/new-location.ts',
    ['src/alerts/rules/new-location.test.ts'],
    [
      "country === 'familiar' && system === 'familiar'",
      "country === 'familiar'",
      'A sign-in through another provider of the country opens no alert.',
    ],
    [
      'isFamiliar && !(isNewDevice && failuresBefore > 0)',
      'isFamiliar',
      'Guesses from next door open no alert.',
    ],
    [
      'here === undefined || known.length === 0',
      'here === undefined',
      'Every country is new after files are mounted that know no earlier network.',
    ],
  ),
  ...breaksOf(
    'src/platform/locations/locations.ts',
    ['test/platform/locations.test.ts'],
    ['if (!isSettled || ', 'if (', 'A file of locations is read while it is being written.'],
    ['      remembered.clear();\n      warned', '      warned', 'Answers of a file outlive its replacement.'],
  ),
  ...breaksOf(
    'src/alerts/commands.ts',
    ['test/alerts/alerts.test.ts'],
    [
      'if (await isForAnother(tx, actor, alert.userId, at)) {',
      'if (actor === undefined) {',
      'An administrator closes the alert about themselves.',
    ],
  ),
  ...breaksOf(
    'src/alerts/event-detectors.ts',
    ['test/alerts/rule-trial.test.ts'],
    [
      'places.filter(({ firstAt }) => firstAt < at)',
      'places',
      'Rules that are tried take for known what was learned later.',
    ],
    [
      'before(last.at, rule.windowMinutes * MINUTE_MS)',
      'before(last.at, 40 * HOUR_MS)',
      'Mass changes of two days are one.',
    ],
  ),
  ...breaksOf(
    'src/alerts/trial.ts',
    ['test/alerts/rule-trial.test.ts'],
    [
      '!exceptions.has(subjectKey',
      'true || !exceptions.has(subjectKey',
      'What is not suspicious is counted.',
    ],
    ['{ actions, from }', '{ actions }', 'Rules are tried on all that ever happened.'],
    [
      'judgesBatches\n        ? Date.parse',
      'first.id === undefined\n        ? Date.parse',
      'Limits are judged once for all days.',
    ],
  ),
];
