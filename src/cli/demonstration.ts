import { createDemonstrationCommands, type Demonstration } from '../demonstration/commands.ts';
import { ADMINISTRATOR_OPTIONS_HELP, administratorOptions, withAdministrator } from './administrator.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { createOutput } from './output.ts';
import { formatTime, printable } from './text-table.ts';

const help = `Usage: rollcall demonstration load [options]
       rollcall demonstration status [options]
       rollcall demonstration remove [options]

load    makes an organization of its own with 100 people and a month of events, to look around in
status  says whether there is one, and how far loading is
remove  deletes it whole, its audit trail too

Loading and removing are jobs of the running server. An owner of the organization opens the demonstration in the
console, on Home or under Settings; no one signs in to it, and nothing leaves the server for it. Other commands choose
a demonstration only if --org names it.

Options:
${ADMINISTRATOR_OPTIONS_HELP}
`;

const ACTIONS = ['load', 'status', 'remove'] as const;
type Action = (typeof ACTIONS)[number];
const isAction = (text: string | undefined): text is Action => ACTIONS.some((action) => action === text);

export const demonstrationCommand: Command = {
  help,
  example: 'rollcall demonstration load',
  failure:
    'a demonstration is there already, none is there, or the administrator does not own the organization.',
  run: async ([action, ...args]) => {
    if (!isAction(action)) {
      throw new UsageError('Choose a command: rollcall demonstration load, status or remove.');
    }
    const given = parseOptions(args, administratorOptions);
    return withAdministrator(given, 'settings:manage', async (session) => {
      const { by, organization } = session;
      const demonstration = await createDemonstrationCommands(session)[action](by);
      createOutput(given.json).finish({ organization, demonstration }, () =>
        describe(demonstration, organization.name),
      );
      return 0;
    });
  },
};

function describe({ state, percent, name, loadedAt }: Demonstration, loader: string): string {
  const of = printable(loader);
  switch (state) {
    case 'none':
      return `${of} has no demonstration organization: rollcall demonstration load loads one.`;
    case 'loading':
      return `The demonstration organization of ${of} is being loaded: ${percent} %. A running server does it.`;
    case 'ready':
      return `${printable(name ?? '')} is ready since ${formatTime(loadedAt)}: an owner of ${of} opens it in the console.`;
    case 'removing':
      return `The demonstration organization of ${of} is being removed. A running server does it.`;
    case 'failed':
      return `The demonstration organization of ${of} could not be loaded: rollcall jobs list --state dead says why.`;
  }
}
