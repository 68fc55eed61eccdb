import {
  discardDeadJobs,
  JOB_STATES,
  type Job,
  type JobState,
  listJobs,
  retryDeadJobs,
} from '../jobs/store/job-log.ts';
import { countOf } from '../platform/counts.ts';
import { type Command, parseOptions, parseWholeNumber, UsageError } from './command.ts';
import { withOpenDatabase } from './database.ts';
import { createOutput, jsonOption } from './output.ts';
import { formatTable, formatTime } from './text-table.ts';

const help = `Usage: rollcall jobs list [--state waiting|running|dead] [--kind <kind>] [--limit <number>]
       rollcall jobs retry [--id <id> | --kind <kind> | --all]
       rollcall jobs discard [--id <id> | --kind <kind> | --all]

Lists the background jobs of all organizations, puts dead jobs back into the queue, or deletes them. A dead job failed
for good: its retries are exhausted, or a retry would not help. The content of a job is never printed, since a mail may
hold a link that opens an account. docs/jobs.md has the rest.

Options:
  --state <state>   only jobs in this state
  --kind <kind>     only jobs of this kind, such as send_mail
  --limit <number>  how many to list, the newest first (default: 100)
  --id <id>         this job
  --all             every dead job
  --json            print the result as one JSON value
  -h, --help        print this help
`;

/** Job ids are UUIDs. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST = 10_000;

export const jobsCommand: Command = {
  help,
  example: 'rollcall jobs list --state dead',
  failure: 'the job that --id names is not there, or not dead.',
  run: async ([action, ...args]) => {
    if (action === 'list') return listCommand(args);
    if (action === 'retry' || action === 'discard') return changeCommand(action, args);
    throw new UsageError('Choose a command: rollcall jobs list, retry or discard.');
  },
};

async function listCommand(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { state: text, kind: text, limit: text, ...jsonOption } as const;
  const { state, kind, limit: limitText = '100', json } = parseOptions(args, options);
  if (state !== undefined && !isJobState(state)) {
    throw new UsageError(`--state must be one of ${JOB_STATES.join(', ')}.`);
  }
  const limit = parseWholeNumber(limitText, '--limit', 1, MOST);
  const jobs = await withOpenDatabase(({ db, now }) =>
    listJobs(db, 'all', { state, kind, after: undefined, limit }, now().toISOString()),
  );
  createOutput(json).finish(jobs.map(presentJob), () =>
    jobs.length === 0 ? 'No jobs found.' : formatTable(HEADER, jobs.map(describeJob)),
  );
  return 0;
}

async function changeCommand(action: 'retry' | 'discard', args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { id: text, kind: text, all: { type: 'boolean' }, ...jsonOption } as const;
  const { id, kind, all, json } = parseOptions(args, options);
  if ([id, kind, all].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('Choose the dead jobs: --id <id>, --kind <kind> or --all.');
  }
  if (id !== undefined && !ID.test(id)) {
    throw new UsageError('--id must be the id of a job: see rollcall jobs list.');
  }
  const which = { org: undefined, id, kind };
  const count = await withOpenDatabase(({ db, now }) =>
    action === 'retry' ? retryDeadJobs(db, which, now().toISOString()) : discardDeadJobs(db, which),
  );
  const done = action === 'retry' ? 'Put back into the queue' : 'Discarded';
  createOutput(json).finish({ jobs: count }, () =>
    count === 0 ? 'No dead jobs found.' : `${done}: ${countOf(count, 'job')}.`,
  );
  return id !== undefined && count === 0 ? 1 : 0;
}

const isJobState = (text: string): text is JobState => (JOB_STATES as readonly string[]).includes(text);

const HEADER = ['id', 'kind', 'state', 'attempts', 'due or dead since', 'organization', 'last error'];

const describeJob = (job: Job): string[] => [
  job.id,
  job.kind,
  job.state,
  String(job.attempts),
  formatTime(job.deadAt ?? job.dueAt),
  job.org ?? '-',
  (job.lastError ?? '').replaceAll(/\s+/g, ' '),
];

const presentJob = (job: Job) => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  attempts: job.attempts,
  dueAt: job.dueAt,
  deadAt: job.deadAt,
  organizationId: job.org,
  lastError: job.lastError,
});
