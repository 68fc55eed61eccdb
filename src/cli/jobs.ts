import {
  discardDeadJobs,
  JOB_STATES,
  type JobRow,
  type JobState,
  listJobs,
  retryDeadJobs,
} from '../directory/store/job-log.ts';
import { type Database, openDatabase } from '../platform/db.ts';
import { type Command, parseOptions, print, readConfig, UsageError } from './command.ts';
import { withDatabase } from './database.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall jobs list [--state waiting|running|dead] [--kind <kind>] [--limit <number>]
       rollcall jobs retry [--id <id> | --kind <kind> | --all]
       rollcall jobs discard [--id <id> | --kind <kind> | --all]

Lists the background jobs of all organizations, puts dead ones back into the queue, or deletes dead ones. A dead job
failed for good: its retries are exhausted, or the failure is one that no retry mends. What a job is about is not
printed, since a mail may hold a link that opens an account.

Options:
      --state <state>   only jobs in this state
      --kind <kind>     only jobs of this kind, such as send_mail
      --limit <number>  how many are listed, the newest first (100)
      --id <id>         this job
      --all             every dead job
  -h, --help            print this
`;

/** UUIDs only: anything else is no id of a job. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST = 10_000;

export const jobsCommand: Command = {
  summary: 'list background jobs, retry or discard dead ones',
  help,
  run: async ([action, ...args]) => {
    if (action === 'list') return listCommand(args);
    if (action === 'retry' || action === 'discard') return changeCommand(action, args);
    throw new UsageError('Say what to do: list, retry or discard. See rollcall jobs --help.');
  },
};

async function listCommand(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const {
    state,
    kind,
    limit: limitText = '100',
  } = parseOptions(args, { state: text, kind: text, limit: text });
  if (state !== undefined && !isJobState(state)) {
    throw new UsageError(`--state must be one of ${JOB_STATES.join(', ')}.`);
  }
  const limit = Number(limitText);
  if (!/^\d+$/.test(limitText) || limit < 1 || limit > MOST) {
    throw new UsageError(`--limit must be a whole number from 1 to ${MOST}.`);
  }
  const now = new Date().toISOString();
  const jobs = await withJobs((db) => listJobs(db, 'all', { state, kind, after: undefined, limit }, now));
  print(
    jobs.length === 0 ? 'There are no such jobs.' : alignRows([HEADER, ...jobs.map(describe)]).join('\n'),
  );
  return 0;
}

async function changeCommand(action: 'retry' | 'discard', args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { id, kind, all } = parseOptions(args, { id: text, kind: text, all: { type: 'boolean' } });
  if ([id, kind, all].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('Say which dead jobs: --id <id>, --kind <kind> or --all.');
  }
  if (id !== undefined && !ID.test(id))
    throw new UsageError('--id must be the id of a job: see rollcall jobs list.');
  const which = { org: undefined, id, kind };
  const count = await withJobs((db) =>
    action === 'retry' ? retryDeadJobs(db, which, new Date().toISOString()) : discardDeadJobs(db, which),
  );
  const done = action === 'retry' ? 'Put back into the queue' : 'Discarded';
  print(count === 0 ? 'There are no such dead jobs.' : `${done}: ${count} ${count === 1 ? 'job' : 'jobs'}.`);
  return id !== undefined && count === 0 ? 1 : 0;
}

const isJobState = (text: string): text is JobState => (JOB_STATES as readonly string[]).includes(text);

const HEADER = ['ID', 'KIND', 'STATE', 'ATTEMPTS', 'DUE OR DEAD SINCE', 'ORGANIZATION', 'LAST ERROR'];

const describe = (job: JobRow): string[] => [
  job.id,
  job.kind,
  job.state,
  String(job.attempts),
  job.dead_at ?? job.due_at,
  job.org_id ?? '-',
  (job.last_error ?? '').replaceAll(/\s+/g, ' '),
];

function withJobs<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
  return withDatabase(readConfig(), async (url) => {
    const db = openDatabase({ url });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  });
}
