import { auditCommand } from './audit.ts';
import type { Command } from './command.ts';
import { connectionCommand } from './connection.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { historyCommand } from './history.ts';
import { importCommand } from './import.ts';
import { inactiveCommand } from './inactive.ts';
import { initCommand } from './init.ts';
import { inviteCommand } from './invite.ts';
import { jobsCommand } from './jobs.ts';
import { keyCommand } from './key.ts';
import { mailPreviewCommand } from './mail-preview.ts';
import { migrateCommand } from './migrate.ts';
import { offboardCommand } from './offboard.ts';
import { openapiCommand } from './openapi.ts';
import { ownerCommand } from './owner.ts';
import { reviewCommand } from './review.ts';
import { scimLogCommand } from './scim-log.ts';
import { secretsCommand } from './secrets.ts';
import { templateCommand } from './template.ts';
import { tokenCommand } from './token.ts';
import { undoCommand } from './undo.ts';

/** Every command but `manual`, under the headings of the help. */
export const COMMAND_GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  'Set up': {
    init: initCommand,
    migrate: migrateCommand,
    doctor: doctorCommand,
  },
  Users: {
    invite: inviteCommand,
    import: importCommand,
    template: templateCommand,
    export: exportCommand,
    inactive: inactiveCommand,
    offboard: offboardCommand,
    owner: ownerCommand,
    review: reviewCommand,
  },
  'Identity providers and programs': {
    connection: connectionCommand,
    token: tokenCommand,
    key: keyCommand,
  },
  Operation: {
    audit: auditCommand,
    history: historyCommand,
    'scim-log': scimLogCommand,
    undo: undoCommand,
    jobs: jobsCommand,
    secrets: secretsCommand,
  },
  'Look around': {
    demo: demoCommand,
    'mail-preview': mailPreviewCommand,
    openapi: openapiCommand,
  },
};
