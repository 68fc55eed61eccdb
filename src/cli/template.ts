import { TEMPLATE } from '../imports/file.ts';
import { type Command, parseOptions } from './command.ts';
import { writeOutput } from './files.ts';
import { createOutput, jsonOption } from './output.ts';

const help = `Usage: rollcall template [--out <file>]

Prints the CSV template for rollcall import: the columns email, name, role and groups, and two example rows.

Options:
  --out <file>  write it to this file instead
  --json        print the name of the file as JSON; needs --out
  -h, --help    print this help
`;

export const templateCommand: Command = {
  help,
  example: 'rollcall template --out users.csv',
  failure: 'the file cannot be written.',
  run: async (args) => {
    const { out, json } = parseOptions(args, { out: { type: 'string' }, ...jsonOption } as const);
    if (out === undefined) {
      process.stdout.write(TEMPLATE);
      return 0;
    }
    await writeOutput(out, [TEMPLATE]);
    createOutput(json).finish(
      { file: out },
      () => `The template is in ${out}. Fill it in, then run: rollcall import ${out} --dry-run`,
    );
    return 0;
  },
};
