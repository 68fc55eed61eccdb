import type { CommandGroups, ListedCommand } from './command.ts';

/** Every command, under the headings of the help. */
export const COMMAND_GROUPS: CommandGroups = {
  'Set up': {
    init: {
      summary: 'create an organization, its owner and a SCIM connection',
      load: async () => (await import('./init.ts')).initCommand,
    },
    migrate: {
      summary: 'bring the database to the newest schema',
      load: async () => (await import('./migrate.ts')).migrateCommand,
    },
    doctor: {
      summary: 'check the installation and show what to do',
      load: async () => (await import('./doctor.ts')).doctorCommand,
    },
  },
  Users: {
    invite: {
      summary: 'invite users by mail',
      load: async () => (await import('./invite.ts')).inviteCommand,
    },
    import: {
      summary: 'import users from a CSV file',
      load: async () => (await import('./import.ts')).importCommand,
    },
    template: {
      summary: 'print the CSV template for imports',
      load: async () => (await import('./template.ts')).templateCommand,
    },
    export: {
      summary: 'export users, or everything stored about one user',
      load: async () => (await import('./export.ts')).exportCommand,
    },
    inactive: {
      summary: 'list users without activity, and deactivate them',
      load: async () => (await import('./inactive.ts')).inactiveCommand,
    },
    offboard: {
      summary: 'deactivate a user and remove all access',
      load: async () => (await import('./offboard.ts')).offboardCommand,
    },
    owner: {
      summary: 'restore access for an owner who cannot sign in',
      load: async () => (await import('./owner.ts')).ownerCommand,
    },
    review: {
      summary: 'list, start and report access reviews',
      load: async () => (await import('./review.ts')).reviewCommand,
    },
  },
  'Identity providers and programs': {
    connection: {
      summary: 'create, list and change SCIM connections',
      load: async () => (await import('./connection.ts')).connectionCommand,
    },
    token: {
      summary: 'create, list, rotate and revoke SCIM tokens',
      load: async () => (await import('./token.ts')).tokenCommand,
    },
    key: {
      summary: 'create, list and revoke API keys',
      load: async () => (await import('./key.ts')).keyCommand,
    },
  },
  Operation: {
    audit: {
      summary: 'verify, prove and export the audit trail',
      load: async () => (await import('./audit.ts')).auditCommand,
    },
    history: {
      summary: 'show the past, list what changed, write and verify bundles for auditors',
      load: async () => (await import('./history.ts')).historyCommand,
    },
    'scim-log': {
      summary: 'print and follow the provisioning log',
      load: async () => (await import('./scim-log.ts')).scimLogCommand,
    },
    undo: {
      summary: 'take back what a connection, an import or a bulk action did',
      load: async () => (await import('./undo.ts')).undoCommand,
    },
    jobs: {
      summary: 'list background jobs, retry or discard dead ones',
      load: async () => (await import('./jobs.ts')).jobsCommand,
    },
    secrets: {
      summary: 'rotate the key that stored secrets are encrypted with',
      load: async () => (await import('./secrets.ts')).secretsCommand,
    },
  },
  'Look around': {
    demo: {
      summary: 'watch Okta and Microsoft Entra ID provision users',
      load: async () => (await import('./demo.ts')).demoCommand,
    },
    demonstration: {
      summary: 'load and remove an organization to look around in',
      load: async () => (await import('./demonstration.ts')).demonstrationCommand,
    },
    'mail-preview': {
      summary: 'write every mail with sample values, to look at',
      load: async () => (await import('./mail-preview.ts')).mailPreviewCommand,
    },
    openapi: {
      summary: 'print the description of the administration API',
      load: async () => (await import('./openapi.ts')).openapiCommand,
    },
    manual: {
      summary: 'print the help of every command',
      load: async () => (await import('./manual.ts')).createManualCommand(COMMAND_GROUPS),
    },
  },
};

/** Every command by its name. */
export const COMMANDS: ReadonlyMap<string, ListedCommand> = new Map(
  Object.values(COMMAND_GROUPS).flatMap((commands) => Object.entries(commands)),
);
