import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Leaves out the organization of 1,000,000 users; one of 150,000 takes its place for the groups. */
  readonly small: boolean;
  /** Seconds for which each server is loaded in each cell. */
  readonly seconds: number;
  /** Part of the names of the operations to measure; all of them if undefined. */
  readonly only: string | undefined;
  /** Leaves out the peer. */
  readonly alone: boolean;
  /** Users of the first synchronization; 0 leaves it out. */
  readonly sync: number;
  /** Where the servers' CPU profiles go. */
  readonly profile: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --small         without the organization of 1,000,000 users
  --alone         without scimmy-routers
  --seconds N     load each server for N seconds in each cell (4)
  --only TEXT     only operations whose name contains TEXT: "patch", "add a member"
  --sync N        users of the first synchronization (2,000); 0 leaves it out
  --profile DIR   write CPU profiles of the servers to DIR
  --help

  BENCH_DATABASE_URL   a Postgres to measure on, in a database that is made for it and dropped;
                       without it, one is started for the run`;

/** @throws TypeError in words for what is not an option */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      small: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '4' },
      only: { type: 'string' },
      sync: { type: 'string', default: '2000' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new TypeError(`--seconds must be a number above 0, not ${values.seconds}.`);
  const sync = Number(values.sync);
  if (!(Number.isInteger(sync) && sync >= 0)) {
    throw new TypeError(`--sync must be a whole number, not ${values.sync}.`);
  }
  const { small, alone, only, profile } = values;
  return { small, alone, seconds, only: only?.toLowerCase(), sync, profile };
}
