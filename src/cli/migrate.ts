import { migrate } from '../platform/migrate.ts';
import { type Command, parseOptions, print, readConfig } from './command.ts';
import { withDatabase } from './database.ts';

const help = `Usage: rollcall migrate

Brings the database to the newest schema, and says what was applied. The server does the same when it starts; this is
for those who want it done before, by another user or in a step of its own.

The database is the one of DATABASE_URL, else the embedded one of DATA_DIR, whether its server is running or not.

Options:
  -h, --help  print this
`;

export const migrateCommand: Command = {
  summary: 'bring the database to the newest schema',
  help,
  run: async (args) => {
    parseOptions(args, {});
    const applied = await withDatabase(readConfig(), (url) => migrate(url));
    if (applied.length === 0) print('Nothing to do: the database is at the newest schema.');
    else print([`Applied ${applied.length}:`, ...applied.map((name) => `  ${name}`)].join('\n'));
    return 0;
  },
};
