/** What Rollcall has to do, by number: issues, test names and comments refer to it. `planned` has no code yet. */
export interface Requirement {
  /** `R12` */
  readonly number: string;
  readonly area: string;
  /** A sentence, in Markdown. */
  readonly text: string;
  /** The file or folder that implements the server's part; `console` if there is none, `planned` if it is not built. */
  readonly where: string;
  /** What of it is not built yet; undefined if it is complete. */
  readonly missing: string | undefined;
}

/** One line a requirement: number, place, sentence, and what is missing of it. A heading begins an area. */
const LIST = `
# Overview
R1 | console | The console has a page Admin → Users.
R2 | src/features.ts | Administrators invite users, assign roles, add them to groups, deactivate and delete them.
R3 | src/activity/queries.ts | Administrators see each user's queries, logins and last activity.

# Invitations
R4 | console | A button "Invite User" opens the form.
R5 | src/directory/users/rules/email-address.ts | An e-mail address is trimmed, valid ("Invalid email format") and unique regardless of case.
R6 | src/invitations/invite.ts | A name is optional.
R7 | src/invitations/routes.ts | The role is one of readonly, train, configure and admin; the default is readonly.
R8 | src/directory/groups/chosen-groups.ts | Groups are optional; an unknown one is "Group not found".
R9 | src/invitations/invite.ts | Submitting the form creates the user and the invitation.
R10 | src/notifications | The mail is queued with the change, retried while the mail server is down, and sent once.
R11 | src/invitations/invite.ts | The invited user is listed as Pending.
R12 | src/invitations/store.ts | An invitation expires 7 days after it was last sent.
R13 | src/invitations/commands.ts | An invitation can be sent again with a new link and another 7 days; the old link stops working.
R14 | src/platform/opaque-token.ts | The link is \`/invite/token_\` and at least 32 letters and digits.
R15 | src/notifications/mail-content.ts | The mail says when the invitation expires, in ISO 8601 and in words.
R16 | src/notifications/mail-content.ts | The mail names the inviter.
R17 | src/pages/routes/mailed-links.ts | A GET of the link changes nothing, since mail scanners open links; only the button accepts.
R18 | src/platform/opaque-token.ts | A token has 256 random bits, is stored as a hash, works once and appears in no log.
R19 | src/invitations/acceptance.ts | Accepting sets a password or continues with single sign-on; the user becomes Active with the invited role and groups.
R20 | src/invitations/commands.ts | An address that exists is "Duplicate email"; an invitation can be revoked.

# CSV import
R21 | console | A button "Import" opens the import.
R22 | src/imports/file.ts | A template has the header \`email,name,role,groups\` and two example rows.
R23 | src/imports/read-csv.ts | A file is UTF-8 with or without byte order mark, with CRLF or LF, quoted by RFC 4180.
R24 | src/imports/rules.ts | \`email\` is required and valid.
R25 | src/imports/rules.ts | \`name\` is optional.
R26 | src/imports/rules.ts | \`role\` is one of the four roles in lower case; anything else is "Invalid role".
R27 | src/imports/rules.ts | \`groups\` is optional and separated by pipes or semicolons.
R28 | src/imports/rules.ts | An import has at most 1,000 rows; a longer file is rejected as a whole.
R29 | src/imports/commands.ts | An upload makes a preview and changes nothing.
R30 | src/imports/verdict.ts | The preview counts what is added, skipped, updated and wrong, and gives the reason for each row.
R31 | src/imports/run.ts | Confirming runs the import, which checks each row again and resumes after a crash.
R32 | src/imports/run.ts | Imported users are Pending and get an invitation.
R33 | src/imports/rules.ts | The messages are "Invalid email format", "Duplicate email", "Invalid role" and "Group not found".
R34 | src/imports/verdict.ts | An import skips users who exist, or updates their role.
R35 | src/imports/run.ts | A wrong row does not stop the others.
R36 | src/imports/file.ts | The failed rows can be downloaded as CSV with the columns \`row\` and \`error\`.
R37 | src/imports/rules.ts | The corrected error file can be imported as it is.
R38 | src/imports/commands.ts | Of rows with the same address the first is used; the others are "Duplicate email".
R39 | src/platform/csv-cell.ts | A cell that a spreadsheet would read as a formula is escaped on export and restored on import.
R40 | src/cli/import.ts | \`rollcall import\` has \`--dry-run\` and \`--on-duplicate\`.

# Just-in-time provisioning
R41 | console | Admin → SSO has a tab "Auto-Provisioning".
R42 | src/sso/settings.ts | Just-in-time provisioning is a switch of the connection, off by default.
R43 | src/sso/settings.ts | The default role is a setting, readonly unless changed.
R44 | src/sso/login/attributes.ts | The attribute or claim that holds the e-mail address is a setting.
R45 | src/sso/login/attributes.ts | So is the one that holds the name; it is optional.
R46 | src/sso/rules/idp-groups.ts | So is the one that holds the groups; it is optional.
R47 | src/sso/administration/provisioning.ts | Saved settings apply from the next login.
R48 | src/sso/login/create-or-link.ts | The first SSO login creates an Active user without an invitation.
R49 | src/sso/login/attributes.ts | The SAML attributes \`email\`, \`displayName\` and \`memberOf\` give address, name and group.
R50 | src/sso/login/attributes.ts | So do OpenID Connect claims, several values, and URN or friendly names.
R51 | src/sso/rules/account-linking.ts | Without just-in-time provisioning an unknown user is rejected with "Account not found".
R52 | src/sso/rules/account-linking.ts | An address outside the allowed domains is rejected.
R53 | src/sso/rules/account-linking.ts | An SSO login makes a Pending user Active with the invited role and groups.
R54 | src/sso/rules/idp-groups.ts | Unknown groups are ignored and recorded, or created if the connection says so.
R55 | src/sso/settings.ts | Just-in-time provisioning is part of every installation.
R56 | src/sso/rules/account-linking.ts | An Inactive user is rejected and not created again.
R57 | src/sso/rules/account-linking.ts | A user is matched by connection and subject first, whatever the address is now.

# Roles
R58 | src/directory/roles/rules/permissions.ts | The table of tiers (agents, users, analytics) holds for each of its 16 cells.
R59 | src/access/resources/rules.ts | "Own only" means the agents that the user owns at this moment.
R60 | src/directory/roles/rules/guards.ts | "Group only" means the users of groups that the user manages.
R61 | src/directory/roles/rules/guards.ts | "Self only" means the user's own data.
R62 | src/directory/roles/rules/guards.ts | The guard rules 1 to 6 hold ([roles.md §3](roles.md#3-guard-rules)).

# Users
R63 | src/directory/users/routes/read.ts | A list of users has name, address, role, groups, last login and status.
R64 | src/directory/users/user.ts | A status is Active, Inactive or Pending; locked is a property beside it.
R65 | src/directory/users/store/filter.ts | Users are filtered by role.
R66 | src/directory/users/store/filter.ts | Users are filtered by group.
R67 | src/directory/users/store/filter.ts | Users are filtered by status.
R68 | src/directory/users/store/filter.ts | Users are filtered by last login: before, after, never.
R69 | src/directory/search/store/text-search.ts | Users are found by part of their address or name.
R70 | src/directory/users/store/list.ts | Filters combine; lists are sorted stably and have cursors.
R71 | src/directory/users/edit-commands.ts | Name, role, groups and status are changed in one request, all or nothing.
R72 | src/directory/roles/commands.ts | A mail tells a user what changed and who changed it, if the administrator wants it.
R73 | src/directory/roles/commands.ts | A role change shows its impact before it is saved.
R74 | src/directory/roles/rules/impact.ts | The impact lists permissions gained and lost, resources, open sessions and group roles.
R75 | src/directory/roles/commands.ts | A role changes only with the impact token of what was shown.
R76 | src/directory/roles/find-authority.ts | The next request of an open session has the new role.
R77 | console | The role can also be changed on the user's page.

# Deactivation
R78 | src/lifecycle/status.ts | A user can be deactivated.
R79 | src/lifecycle/store/status.ts | A deactivated user cannot sign in, and open sessions end.
R80 | src/access/api-keys/verify.ts | A deactivated user's API keys are rejected with 401, and kept.
R81 | src/directory/roles/authority.ts | A deactivated user's memberships are suspended and remembered.
R82 | src/lifecycle/store/status.ts | A deactivated user's data is kept.
R83 | src/lifecycle/status.ts | A deactivated user can be activated.
R84 | src/lifecycle/status.ts | Activation restores memberships and reports groups that were deleted meanwhile.
R85 | src/directory/users/scim-commands.ts | SCIM's \`active\` does the same.
R86 | src/access/api-keys/commands.ts | API keys stay disabled after activation unless the administrator enables them.

# Deletion
R87 | console | Deletion is marked as permanent.
R88 | src/lifecycle/removal.ts | A soft delete hides the user and keeps the data.
R89 | src/lifecycle/store/erasure.ts | A hard delete erases the user everywhere; events keep an id only.
R90 | src/sign-in/step-up.ts | Deleting needs the administrator's password, or a fresh login at the identity provider.
R91 | src/lifecycle/removal.ts | A deleted user is in no list.
R92 | src/directory/users/scim-commands.ts | A SCIM DELETE hides the user, or erases if the organization says so; the userName is free again.
R93 | src/lifecycle/removal.ts | A user who owns resources cannot be deleted before they are transferred.
R94 | src/lifecycle/removal.ts | A hidden user can be restored until the purge.

# Groups
R95 | src/directory/groups/routes/members.ts | A user is added to groups.
R96 | src/lifecycle/bulk.ts | Several users are added to a group in one request, with a result for each.
R97 | src/directory/groups/routes/members.ts | A user is removed from a group.
R98 | src/directory/roles/find-authority.ts | Joining or leaving a group changes permissions immediately.
R99 | src/directory/groups/commands.ts | Groups are created, renamed, deleted, and given a role, grants and a pattern of addresses that adds people; SCIM sees the same groups.

# Activity
R100 | src/activity/rules/dashboard.ts | A dashboard shows last login, queries, the most used agent, response time, failed logins and status of a user.
R101 | src/activity/commands.ts | Applications report activity in batches.
R102 | src/activity/rules/dashboard.ts | Queries are counted over the last 24 hours.
R103 | src/activity/queries.ts | Failed logins are counted over the last 24 hours.
R104 | src/audit/catalogue.ts | Sign-ins and sign-outs are recorded.
R105 | src/activity/commands.ts | Agents used and queries asked are recorded.
R106 | src/activity/commands.ts | Resources accessed are recorded.
R107 | src/audit/catalogue.ts | Configuration changes are recorded with the old value and the new.
R108 | src/audit/catalogue.ts | Failed sign-ins are recorded.
R109 | src/activity/log.ts | The log is filtered by user, type, time and source, and exported.

# Anomalies
R110 | src/alerts/rules/new-location.ts | A login from a new location raises an alert.
R111 | src/alerts/rules/query-volume.ts | An unusual number of queries raises an alert.
R112 | src/alerts/event-detectors.ts | Five failed logins raise an alert.
R113 | src/alerts/rules/sensitive-action.ts | Access to sensitive resources raises an alert.
R114 | src/alerts/rules/off-hours.ts | Activity outside working hours raises an alert, if switched on.
R115 | src/alerts/commands.ts | Alerts have a state, are not repeated, and say why they were raised.

# Good practice
R116 | src/onboarding/checklist.ts | Each new user has a checklist with progress, which ticks itself where it can.
R117 | src/onboarding/job-functions.ts | A job function gives a role and groups to an invitation.
R118 | src/invitations/invite.ts | An invitation without a group warns.
R119 | src/onboarding/training.ts | Security training is recorded, and can be required for roles above readonly.
R120 | src/invitations/invite.ts | Inviting an admin needs a reason.
R121 | src/lifecycle/offboarding.ts | Offboarding deactivates immediately.
R122 | src/lifecycle/offboarding.ts | Offboarding removes the user from all groups permanently.
R123 | src/access/api-keys/commands.ts | API keys are revoked permanently.
R124 | src/lifecycle/offboarding.ts | Offboarding transfers resources to another user.
R125 | src/exports/collect.ts | A user's personal data is exported as JSON and CSV.
R126 | src/reviews/opening.ts | An access review is started each quarter, with reviewers, a due date and reminders.
R127 | src/cli/inactive.ts | Users who have not been seen for 90 days are listed and can be deactivated together.
R128 | src/reviews/decisions.ts | A reviewer confirms or changes each role.
R129 | src/reviews/decisions.ts | A reviewer changes memberships.
R130 | src/reviews/rules/suggestion.ts | A review shows permissions that were not used.
R131 | src/onboarding/job-functions.ts | The default role is readonly everywhere.
R132 | src/access/elevations/commands.ts | A user requests a higher role, and another user approves it.
R133 | src/access/elevations/store.ts | A higher role ends at its time, without any job.
R134 | src/access/elevations/rules.ts | A higher role needs a justification.
R135 | src/posture/rules/figures.ts | A warning says when many users are configure or admin.

# Troubleshooting
R136 | src/sign-in/password-sign-in.ts | A failed password sign-in always says the same and takes the same time.
R137 | src/directory/users/routes/read.ts | A search by address shows the status.
R138 | src/sign-in/password-sign-in.ts | A Pending user cannot sign in before accepting.
R139 | src/sso/routes/connections.ts | A connection shows whether it is active, and its allowed domains.
R140 | src/sign-in/queries.ts | A user's security page shows failed sign-ins.
R141 | src/sign-in/rules/lockout.ts | Five failed sign-ins lock the account until it is unlocked or the lock expires.
R142 | src/directory/users/routes/change.ts | An Inactive user has a command to activate.
R143 | src/sign-in/enforcement.ts | Passwords work beside SSO unless a domain enforces it; owners keep theirs.
R144 | src/directory/roles/rules/guards.ts | A 403 says "You don't have permission to access this".
R145 | src/access/authorization/rules/snapshot.ts | Consumers may cache permissions for 5 minutes.
R146 | src/access/authorization/rules/explain.ts | The API explains why a user may or may not do something.
R147 | docs/imports.md | Each error of an import is explained, with its fix.
R148 | console | The pages link to help on groups and permissions.

# History
R149 | src/history/history.ts | The state of a user, a group or the organization can be read as of a moment.
R150 | src/history/queries.ts | Two moments can be compared.
R151 | src/history/bundle/write.ts | An auditor gets a bundle that can be verified without the server.
R152 | src/undo/commands.ts | What a connection, an import or a bulk action did can be undone; what others changed since stays and is reported.
R153 | src/directory/dry-run.ts | Every bulk change has a dry run.
R154 | planned | A set-up link lets the identity provider's administrator finish one connection.
`;

/** Every requirement, in order. */
export const REQUIREMENTS: readonly Requirement[] = parse(LIST);

function parse(list: string): Requirement[] {
  let area = '';
  return list.split('\n').flatMap((line) => {
    if (line.startsWith('# ')) area = line.slice(2);
    const [number = '', where = '', text = '', missing] = line.split(' | ');
    return /^R\d+$/.test(number) ? [{ number, area, text, where, missing }] : [];
  });
}
