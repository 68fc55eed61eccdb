import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeApi } from '../api-description.ts';
import { packageRoot } from '../platform/package-root.ts';
import { type Command, parseOptions, print } from './command.ts';

const help = `Usage: rollcall openapi [--write]

Prints the description of the administration API (OpenAPI 3.1, JSON), generated from the routes that the server runs.

Options:
  --write     write it to openapi.json in this package instead
  -h, --help  print this help
`;

export const openapiCommand: Command = {
  help,
  example: 'rollcall openapi > openapi.json',
  failure: 'the file cannot be written.',
  run: async (args) => {
    const { write } = parseOptions(args, { write: { type: 'boolean', default: false } } as const);
    const text = describeApi();
    if (write) await writeFile(join(packageRoot(import.meta.url), 'openapi.json'), text);
    else print(text);
    return 0;
  },
};
