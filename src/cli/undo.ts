import type { BatchInput } from '../undo/batch.ts';
import { createUndoCommands } from '../undo/commands.ts';
import { presentItem, presentUndo } from '../undo/present.ts';
import { createUndoQueries, type UndoItem } from '../undo/queries.ts';
import { createUndoRuns } from '../undo/run.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { createOutput } from './output.ts';
import { chooseConnection, withScimAdministration } from './scim/connections.ts';
import { formatTable, printable } from './text-table.ts';

const help = `Usage: rollcall undo preview --connection <id or name> --from <time> --to <time> [options]
       rollcall undo run --connection <id or name> --from <time> --to <time> [--reason <text>] [options]

Shows what taking back a batch would do, or takes it back: what a connection did between two times, an import, a bulk
action or another undo. What was changed since by others stays as it is and is reported. docs/undo.md has the rest.

${DATABASE_HELP}

Options:
  --connection <id or name>  the connection; needed with --from and --to if there are several
  --from <time>       the beginning, such as 2026-11-29T09:00:00Z
  --to <time>         the end
  --import <id>       instead of a connection: this import
  --request <id>      instead of a connection: the bulk action with this X-Request-Id
  --undo <id>         instead of a connection: this undo
  --reason <text>     why, for the audit trail
  --keep-keys-disabled  API keys that a deactivation stopped stay so
  --limit <number>    how many changes to print (default: 50)
${ADMINISTRATOR_OPTIONS_HELP}
`;

const text = { type: 'string' } as const;
const options = {
  connection: text,
  from: text,
  to: text,
  import: text,
  request: text,
  undo: text,
  reason: text,
  'keep-keys-disabled': { type: 'boolean', default: false },
  limit: { type: 'string', default: '50' },
  ...administratorOptions,
} as const;

const PAGE = 200;

export const undoCommand: Command = {
  help,
  example: 'rollcall undo preview --connection Okta --from 2026-11-29T09:00:00Z --to 2026-11-29T09:20:00Z',
  failure: 'the batch is not there, or some of it could not be undone.',
  run: ([action, ...args]) => {
    if (action !== 'preview' && action !== 'run') {
      throw new UsageError('Choose a command: rollcall undo preview or run.');
    }
    const given = parseOptions(args, options);
    const named = [given.import, given.request, given.undo].filter((each) => each !== undefined).length;
    if (named > 1 || (named === 1 && given.connection !== undefined)) {
      throw new UsageError('Name one of --connection, --import, --request and --undo.');
    }
    const limit = Number(given.limit);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1.');
    if (named === 1) {
      return withAdministrator(given, 'users:manage', (session) => {
        if (given.import !== undefined)
          return undo(session, { importId: given.import }, action, given, limit);
        if (given.undo !== undefined) return undo(session, { undoId: given.undo }, action, given, limit);
        return undo(session, { requestId: given.request ?? '' }, action, given, limit);
      });
    }
    const [from, to] = [parseTime(given.from, '--from'), parseTime(given.to, '--to')];
    return withScimAdministration(given, async (scim, session) => {
      const { id: connectionId } = await chooseConnection(scim, session.by, given.connection);
      return undo(session, { connectionId, from, to }, action, given, limit);
    });
  },
};

async function undo(
  session: AdministratorSession,
  batch: BatchInput,
  action: 'preview' | 'run',
  given: {
    readonly reason?: string | undefined;
    readonly json: boolean;
    readonly 'keep-keys-disabled': boolean;
  },
  limit: number,
): Promise<number> {
  const { db, now, runner, by } = session;
  const commands = createUndoCommands({ db, now, runner });
  const queries = createUndoQueries({ db });
  const id = await commands.preview(by, batch);
  let overview = await queries.get(by, id);
  if (action === 'run') {
    await commands.confirm(by, id, {
      token: overview.stored.token,
      reason: given.reason,
      keys: !given['keep-keys-disabled'],
    });
    const runs = createUndoRuns({ db, now, runner, onFailure: (error) => console.error(error) });
    while (await runs.step(by.org, id));
    overview = await queries.get(by, id);
  }
  const items: UndoItem[] = [];
  while (items.length < limit) {
    const page = { after: items.length, limit: Math.min(PAGE, limit - items.length), result: undefined };
    const more = await queries.items(by, id, page);
    items.push(...more);
    if (more.length < page.limit) break;
  }
  const { progress, summary, notes, counts } = overview;
  createOutput(given.json).finish({ ...presentUndo(overview), items: items.map(presentItem) }, () =>
    [
      ...summary,
      ...(action === 'preview' ? notes : []),
      ...(items.length === 0
        ? []
        : ['', formatTable(['whom', 'batch', action === 'run' ? 'undone' : 'undo'], items.map(rowOf))]),
      ...(progress.total > items.length ? [`… and ${progress.total - items.length} more (--limit).`] : []),
    ].join('\n'),
  );
  return counts.failed > 0 ? 1 : 0;
}

const rowOf = ({ user, group, did, will, why }: UndoItem): string[] =>
  [user?.name ?? user?.email ?? group?.name ?? user?.id ?? '-', did, will ?? `left: ${why ?? ''}`].map(
    printable,
  );

/** @throws UsageError */
function parseTime(given: string | undefined, option: string): string {
  const time = new Date(given ?? '');
  if (given !== undefined && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new UsageError(`${option} must be a time such as 2026-11-29T09:00:00Z.`);
}
