import { parseArgs } from 'node:util';
import { type PeerKind, peerKinds } from './peers/kinds.ts';

export interface BenchOptions {
  /** Leaves out the organization of 1,000,000 users; one of 150,000 takes its place for the groups. */
  readonly small: boolean;
  /** Seconds for which each server is loaded in each cell. */
  readonly seconds: number;
  /** Part of the names of the operations to measure; all of them if undefined. */
  readonly only: string | undefined;
  /** The peers to compare with. */
  readonly peers: readonly PeerKind[];
  /** Users of the first synchronization; 0 leaves it out. */
  readonly sync: number;
  /** Where the servers' CPU profiles go. */
  readonly profile: string | undefined;
}

const KEYS = peerKinds.map(({ key }) => key).join();

export const USAGE = `npm run bench -- [options]

  --small         without the organization of 1,000,000 users
  --alone         without peers
  --peers NAMES   with these peers alone (${KEYS})
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
      peers: { type: 'string', default: KEYS },
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
  const { small, only, profile } = values;
  const peers = values.alone ? [] : peersNamed(values.peers.split(','));
  return { small, peers, seconds, only: only?.toLowerCase(), sync, profile };
}

function peersNamed(names: readonly string[]): PeerKind[] {
  const unknown = names.find((name) => !peerKinds.some(({ key }) => key === name));
  if (unknown !== undefined) throw new TypeError(`--peers must be some of ${KEYS}, not ${unknown}.`);
  return peerKinds.filter(({ key }) => names.includes(key));
}
