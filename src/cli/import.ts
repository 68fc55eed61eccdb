import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileTooLarge, MAX_IMPORT_BYTES } from '../imports/read-csv.ts';
import type { ImportPolicy } from '../imports/rules.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  administratorOptions,
  DATABASE_HELP,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseSubject, UsageError } from './command.ts';
import { readInput, writeOutput } from './files.ts';
import { createImports, previewImport, runImport } from './import/run.ts';
import { createOutput } from './output.ts';

const help = `Usage: rollcall import <file.csv> [options]

Imports users from a CSV file with the columns email, name, role and groups (rollcall template), at most 1,000 rows.
New users are pending and get an invitation by mail, which the server sends: links begin with PUBLIC_URL, and
SECRET_KEY encrypts the mails that wait. docs/imports.md has the rest.

You can stop it at any time: the same command continues after the last row that is done, and so does a running server.

${DATABASE_HELP}

Options:
  --dry-run               show what would happen, and change nothing
  --on-duplicate <what>   skip: leave existing users as they are (default)
                          update-role: give them the role in the file
  --errors <file>         write the rows that failed to this file, to correct and import again
${ADMINISTRATOR_OPTIONS_HELP}
`;

const options = {
  'dry-run': { type: 'boolean', default: false },
  'on-duplicate': { type: 'string', default: 'skip' },
  errors: { type: 'string' },
  ...administratorOptions,
} as const;

const policies: Readonly<Record<string, ImportPolicy>> = { skip: 'skip', 'update-role': 'update_role' };

export const importCommand: Command = {
  help,
  example: 'rollcall import users.csv --errors failed.csv',
  failure: 'rows failed (or would, with --dry-run), or the import was stopped.',
  run: async (args) => {
    const { subject: path, given } = parseSubject(args, options, 'Name the file: rollcall import users.csv.');
    const policy = policies[given['on-duplicate']];
    if (policy === undefined) throw new UsageError('--on-duplicate must be skip or update-role.');
    const file = { name: basename(path), bytes: await readInput(path, readImportFile) };
    const output = createOutput(given.json);
    return withAdministrator(given, 'imports:run', async (session) => {
      const { by, organization, email } = session;
      const imports = createImports(await loadUserDependencies(session), session.publicUrl);
      output.say(`Importing ${file.name} into ${organization.name} as ${email}`);
      const end = given['dry-run']
        ? await previewImport(imports, by, file, policy)
        : await runImport(imports, by, file, policy, output);
      const errors = end.errorCsv === undefined ? undefined : given.errors;
      if (errors !== undefined) await writeOutput(errors, [end.errorCsv as string]);
      output.finish({ file: path, organization, as: email, ...end.result, errorFile: errors ?? null }, () =>
        [
          ...end.lines,
          ...(errors === undefined
            ? []
            : [`The rows that failed are in ${errors}: correct them and import that file.`]),
        ].join('\n'),
      );
      return end.exitCode;
    });
  },
};

async function readImportFile(path: string): Promise<Buffer> {
  if ((await stat(path)).size > MAX_IMPORT_BYTES) throw fileTooLarge();
  return readFile(path);
}
