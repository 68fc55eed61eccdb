import { setTimeout as delay } from 'node:timers/promises';
import { presentRequest } from '../provisioning/log/present.ts';
import { createLogQueries, type LoggedRequest, type LogQueries } from '../provisioning/log/queries.ts';
import { parseStatus, STATUS_SAYS } from '../provisioning/log/rules/status.ts';
import { ADMINISTRATOR_OPTIONS_HELP, type AdministratorSession, DATABASE_HELP } from './administrator.ts';
import { type Command, parseOptions, parseWholeNumber, print, UsageError } from './command.ts';
import { createOutput } from './output.ts';
import { chooseConnection, connectionOption, withScimAdministration } from './scim/connections.ts';
import { watchForStop } from './signals.ts';
import { printable } from './text-table.ts';

const help = `Usage: rollcall scim-log [--connection <id or name>] [--status <status>] [--follow] [options]

Prints the provisioning log: the SCIM requests of the last days, the oldest first, and what each did. The server writes
it about every second. --follow goes on printing new requests until Ctrl+C.

${DATABASE_HELP}

Options:
  --connection <id or name>  only the requests of this connection (default: of all)
  --status <status>   a status such as 409, a class such as 4xx, success, or error
  --limit <number>    how many requests to begin with (default: 50)
  --follow            go on with new requests; with --json one JSON value a line
${ADMINISTRATOR_OPTIONS_HELP}
`;

const options = {
  status: { type: 'string' },
  limit: { type: 'string', default: '50' },
  follow: { type: 'boolean', default: false },
  ...connectionOption,
} as const;

const EVERY_MS = 1_000;
/** Processes write their rows some seconds after one another: so far back a new one may still appear. */
const LATE_MS = 15_000;
const PAGE = 200;

export const scimLogCommand: Command = {
  help,
  example: 'rollcall scim-log --status error --follow',
  failure: 'the connection is not there.',
  run: (args) => {
    const given = parseOptions(args, options);
    const limit = parseWholeNumber(given.limit, '--limit', 1, 1_000);
    const status = given.status === undefined ? undefined : parseStatus(given.status);
    if (given.status !== undefined && status === undefined) {
      throw new UsageError(`--status ${STATUS_SAYS}`);
    }
    return withScimAdministration(given, async (scim, session) => {
      const connection =
        given.connection === undefined
          ? undefined
          : (await chooseConnection(scim, session.by, given.connection)).id;
      const log = createLogQueries({ db: session.db, connections: scim });
      const filter = { connection, status };
      const first = await newest(log, session, filter, limit);
      if (!given.follow) {
        createOutput(given.json).finish(
          { organization: session.organization, requests: first.map(presentRequest) },
          () => (first.length === 0 ? 'There is no such request in the log.' : first.map(lineOf).join('\n')),
        );
        return 0;
      }
      await follow(log, session, filter, first, given.json);
      return 0;
    });
  },
};

type Filter = Parameters<LogQueries['search']>[1];

/** The newest requests, the oldest of them first. */
async function newest(
  log: LogQueries,
  { by }: AdministratorSession,
  filter: Filter,
  limit: number,
): Promise<LoggedRequest[]> {
  const found: LoggedRequest[] = [];
  let before: string | undefined;
  do {
    const page = await log.search(by, filter, before, Math.min(PAGE, limit - found.length));
    found.push(...page.requests);
    before = page.next;
  } while (before !== undefined && found.length < limit);
  return found.reverse();
}

async function follow(
  log: LogQueries,
  session: AdministratorSession,
  filter: Filter,
  first: readonly LoggedRequest[],
  json: boolean,
): Promise<void> {
  const watch = watchForStop();
  const printed = new Map<string, number>();
  const show = (requests: readonly LoggedRequest[]): void => {
    for (const request of requests) {
      if (printed.has(request.row.id)) continue;
      printed.set(request.row.id, Date.parse(request.row.at));
      print(json ? JSON.stringify(presentRequest(request)) : lineOf(request));
    }
  };
  show(first);
  try {
    while (!watch.stopped) {
      await delay(EVERY_MS);
      const from = session.now().getTime() - LATE_MS;
      show(await newest(log, session, { ...filter, from: new Date(from).toISOString() }, 10_000));
      for (const [id, at] of printed) if (at < from - LATE_MS) printed.delete(id);
    }
  } finally {
    watch.release();
  }
}

/** A request in one line, and one more for an error. */
function lineOf({ row, summary, advice }: LoggedRequest): string {
  const query = row.query === null ? '' : `?${row.query}`;
  const tolerated = [...(row.quirks ?? []), ...(row.ignored ?? []).map((name) => `ignored ${name}`)];
  const line = [
    row.at.slice(0, 19).replace('T', ' '),
    String(row.status),
    `${Math.round(row.ms)} ms`.padStart(7),
    row.method.padEnd(6),
    `${row.path}${query}`,
    `— ${advice === undefined ? summary : (row.detail ?? advice.meaning)}`,
    ...(tolerated.length === 0 ? [] : [`(${tolerated.join(', ')})`]),
  ].join('  ');
  return advice === undefined ? printable(line) : `${printable(line)}\n    ${printable(advice.remedy)}`;
}
