import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileTooLarge, MAX_IMPORT_BYTES } from '../directory/imports/read-csv.ts';
import type { ImportPolicy } from '../directory/rules/import-rows.ts';
import { ensureEventPartitions } from '../directory/store/partitions.ts';
import { openDatabase } from '../platform/db.ts';
import { requireKnownKeys } from '../secret-key-check.ts';
import {
  type Command,
  CommandError,
  parseSubject,
  print,
  readConfig,
  serverUrl,
  UsageError,
} from './command.ts';
import { requireMigrated, withDatabase } from './database.ts';
import { chooseAdministrator } from './import/administrator.ts';
import { joinImports } from './import/imports.ts';
import { runImport, showPreview } from './import/run.ts';
import { loadServerKeys } from './server-keys.ts';

const help = `Usage: rollcall import <file.csv> [options]

Brings people from a CSV file with the columns email, name, role and groups, at most 1,000 a file. New people are pending
and get an invitation by mail, which the server sends. docs/imports.md says more.

It can be stopped at any time. The same command goes on behind the last row that is done, and so does a running server.

The database is the one of DATABASE_URL, else the embedded one of DATA_DIR, whether its server is running or not. Give it
the server's settings: links begin with PUBLIC_URL, and SECRET_KEY seals the mails that wait.

Options:
  --dry-run               say what would happen, and change nothing
  --on-duplicate <what>   skip: leave people who are here already as they are (default)
                          update-role: give them the role of the file
  --org <id or name>      the organization, where there are several
  --as <e-mail>           the administrator in whose name it happens (the organization's only owner)
  --errors <file>         write the rows that failed to this file, to correct and import again
  -h, --help              print this

Exit code 1: rows failed, or it was stopped.
`;

const options = {
  'dry-run': { type: 'boolean', default: false },
  'on-duplicate': { type: 'string', default: 'skip' },
  org: { type: 'string' },
  as: { type: 'string' },
  errors: { type: 'string' },
} as const;

const policies: Readonly<Record<string, ImportPolicy>> = { skip: 'skip', 'update-role': 'update_role' };

export const importCommand: Command = {
  summary: 'bring people from a CSV file',
  help,
  run: async (args) => {
    const { subject: path, given } = parseSubject(args, options, 'Name the file: rollcall import users.csv.');
    const policy = policies[given['on-duplicate']];
    if (policy === undefined) throw new UsageError('--on-duplicate must be skip or update-role.');
    const file = { name: basename(path), bytes: await readImportFile(path) };
    const config = readConfig();
    const secretKeys = await loadServerKeys(config);
    return withDatabase(config, async (url) => {
      await requireMigrated(url);
      const db = openDatabase({ url, connections: 8 });
      try {
        await requireKnownKeys(db, secretKeys);
        await ensureEventPartitions(db, new Date());
        const { by, organization, email } = await chooseAdministrator(db, given.org, given.as);
        const imports = joinImports(db, secretKeys, serverUrl(config));
        print(`${file.name} → ${organization}, in the name of ${email}`);
        const end = given['dry-run']
          ? await showPreview(imports, by, file, policy)
          : await runImport(imports, by, file, policy);
        if (end.errorCsv !== undefined && given.errors !== undefined) {
          await writeFile(given.errors, end.errorCsv);
          print(`The rows that failed are in ${given.errors}: correct it and import it as it is.`);
        }
        return end.exitCode;
      } finally {
        await db.close();
      }
    });
  },
};

async function readImportFile(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > MAX_IMPORT_BYTES) throw fileTooLarge();
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new CommandError(`The file ${path} cannot be read (${code}).`);
  }
}
