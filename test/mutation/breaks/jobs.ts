import { type Break, breaksOf } from '../break.ts';

/** Background work: leases, retries, webhooks, mails. */
export const jobBreaks: readonly Break[] = [
  ...breaksOf(
    'src/platform/jobs/queue.ts',
    ['test/jobs/queue.test.ts'],
    ['\n          and (leased_until is null or leased_until <= now())', '', 'Two workers run one job.'],
    [
      'where leased_by = any($3::text[]) and $1::text is not null returning leased_by',
      'where $3::text[] is not null and $1::text is not null returning leased_by',
      "A worker renews others' leases.",
    ],
    [
      'where kind = slots.kind and dead_at is null and due_at',
      'where kind = slots.kind and due_at',
      'A dead job runs again.',
    ],
    [
      '      attempts = attempts + 1\n',
      '      attempts = attempts\n',
      'A job that ends its process runs for ever.',
    ],
    [
      "'delete from jobs where id = $1 and leased_by = $2 and revision = $3 returning id'",
      "'delete from jobs where id = $1 and leased_by = $2 and $3::bigint >= 0 returning id'",
      'A request that came while the job ran is forgotten.',
    ],
    [
      'last_error = $4, dead_at = $5, leased_until = null, leased_by = null\n    where id = $1 and leased_by = $2',
      'last_error = $4, dead_at = $5, leased_until = null, leased_by = null\n    where id = $1 and $2::text is not null',
      "A run that has lost its lease fails another run's job.",
    ],
    ['    !isScheduled &&\n', '', 'A schedule dies.'],
    [
      'error instanceof PermanentFailure || isExhausted',
      'isExhausted',
      'A failure that no retry mends is retried for days.',
    ],
    [
      ".replaceAll(/[^\\s<>\"',;:()[\\]]+@[^\\s<>\"',;:()[\\]]+/g, '(address)')",
      '',
      'An error that an administrator reads contains a mail address.',
    ],
    ['attempts = greatest(attempts - 1, 0)', 'attempts = attempts', 'Restarts use up the attempts of a job.'],
  ),
  ...breaksOf(
    'src/platform/jobs/retry-policy.ts',
    ['test/jobs/queue.test.ts', 'test/jobs/mails.test.ts'],
    [
      'const doubled = policy.firstWaitSeconds * 2 ** Math.min(attempts - 1, 30);',
      'const doubled = policy.firstWaitSeconds;',
      'A failing job is retried every few seconds for days.',
    ],
    ['return attempts >= policy.attempts || now', 'return now', 'A failing job has any number of attempts.'],
  ),
  ...breaksOf(
    'src/platform/jobs/runs.ts',
    ['test/jobs/queue.test.ts'],
    [
      'if (job.everySeconds === null && job.attempts > kind.retry.attempts) {',
      'if (job.attempts < 0) {',
      'A job that ends its process each time runs for ever.',
    ],
    [
      'if (signal.aborted) return releaseJobs(db, worker, [job.leasedBy]);',
      '',
      'A job that a restart broke off is marked as failed.',
    ],
    [
      'if (isLost || isOver) run.controller.abort',
      'if (isOver && isLost) run.controller.abort',
      'A run continues after another worker has its lease.',
    ],
    [
      'for (const { job } of running.values()) free.set(job.kind, (free.get(job.kind) ?? 0) - 1);',
      '',
      'A kind runs more jobs concurrently than it may.',
    ],
  ),
  ...breaksOf(
    'src/platform/jobs/worker.ts',
    ['test/jobs/queue.test.ts'],
    ['  runs.breakOff();\n', '', 'A stopping process does not give its jobs back.'],
    [
      'setInterval(() => void runs.renew(), HEARTBEAT_SECONDS * 1_000);\n  const census',
      'setInterval(() => {}, HEARTBEAT_SECONDS * 1_000);\n  const census',
      'A long job runs twice.',
    ],
  ),
  ...breaksOf(
    'src/webhooks/store/delivery-jobs.ts',
    ['test/reactions/webhook-delivery.test.ts', 'test/jobs/queue.test.ts'],
    [
      'revision = jobs.revision + 1, dead_at = null',
      'dead_at = null',
      'An event that is recorded while its webhook is served waits for the next one.',
    ],
  ),
  ...breaksOf(
    'src/webhooks/store/outgoing.ts',
    ['test/reactions/webhook-delivery.test.ts', 'test/admin/webhooks.test.ts'],
    [
      'case when previous_until > $3::timestamptz then sealed_previous end',
      'case when $3::timestamptz is not null then sealed_previous end',
      'A replaced secret signs for ever.',
    ],
    [
      'event_id = $3 and sending_by = $4\n      returning state',
      'event_id = $3 and $4::text is not null\n      returning state',
      'A job that has lost its lease overwrites what another wrote.',
    ],
    [
      'and d.sending_by is distinct from $4',
      'and $4::text is not null',
      'A delivery is sent twice by one run.',
    ],
    [
      'where org_id = $1 and id = $2 and disabled_at is null and ${isReal',
      'where org_id = $1 and id = $2 and ${isReal',
      'A disabled webhook is served.',
    ],
  ),
  ...breaksOf(
    'src/audit/store/feed.ts',
    ['test/audit/feed.test.ts'],
    [
      'where org_id = $1 and (feed_position, id) >',
      'where $1::uuid is not null and (feed_position, id) >',
      "A consumer gets another organization's events.",
    ],
    [' and feed_position < ${horizon}\n', '\n', 'An event of a transaction that commits late is skipped.'],
    [' for no key update skip locked', '', 'Two workers of one consumer handle the same events.'],
  ),
  ...breaksOf(
    'src/webhooks/send.ts',
    ['src/webhooks/send.test.ts', 'test/reactions/webhook-delivery.test.ts'],
    [
      '.update(`${id}.${timestamp}.${body}`)',
      '.update(`${id}.${body}`)',
      'A signature does not cover the time.',
    ],
  ),
  ...breaksOf(
    'src/webhooks/send.ts',
    ['test/reactions/webhook-delivery.test.ts', 'test/admin/webhooks.test.ts'],
    [
      "if (error.reason === 'stopped') return outgoing.release(delivery);",
      '',
      'A delivery that a restart broke off uses up an attempt.',
    ],
    [
      'if (status >= 200 && status < 300) return undefined;',
      'if (status >= 200 && status < 400) return undefined;',
      'A redirect is recorded as delivered.',
    ],
  ),
  ...breaksOf(
    'src/webhooks/outgoing.ts',
    ['test/reactions/webhook-delivery.test.ts'],
    [
      'if (attempt.status === GONE) await disable(webhook);',
      '',
      'A receiver that is gone is served for ever.',
    ],
  ),
  ...breaksOf(
    'src/provisioning/store/release.ts',
    ['test/provisioning/removal.test.ts'],
    [
      'o.group_id = gone.group_id and o.connection_id <> $2',
      'o.group_id = gone.group_id and false',
      'A group of two connections is managed by neither once one is removed.',
    ],
    [
      'and l.connection_id = $2\n    )',
      'and (l.connection_id = $2 or true)\n    )',
      'The users of other connections are released, too.',
    ],
    [
      'update set_up_links set revoked_at = $3',
      'update set_up_links set revoked_at = null',
      'A set-up link begins provisioning anew.',
    ],
  ),
  ...breaksOf(
    'src/provisioning/jobs.ts',
    ['test/provisioning/removal.test.ts'],
    [
      'if (!isSettled) return',
      'if (false) return',
      'What a late request wrote stays managed by a connection that is gone.',
    ],
  ),
];
