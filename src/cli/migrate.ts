import { migrate } from '../platform/db/migrate.ts';
import { type Command, parseOptions, readConfig } from './command.ts';
import { withDatabase } from './database.ts';
import { createOutput, jsonOption } from './output.ts';

const help = `Usage: rollcall migrate [--json]

Brings the database to the newest schema and lists the migrations that were applied. The server does this when it
starts; use the command to do it beforehand, with another database user or in a step of its own.

The database is the one of DATABASE_URL, else the embedded one in DATA_DIR, whether the server is running or not.

Options:
  --json      print {"applied": [...]} instead
  -h, --help  print this help
`;

export const migrateCommand: Command = {
  help,
  example: 'rollcall migrate',
  failure: 'a newer version has migrated the database.',
  run: async (args) => {
    const { json } = parseOptions(args, jsonOption);
    const applied = await withDatabase(readConfig(), (url) => migrate(url));
    createOutput(json).finish({ applied }, () =>
      applied.length === 0
        ? 'The database is up to date.'
        : [`Applied ${applied.length}:`, ...applied.map((name) => `  ${name}`)].join('\n'),
    );
    return 0;
  },
};
