import { countOf } from '../platform/counts.ts';
import { createReviewCommands } from '../reviews/commands.ts';
import { undecidedOf } from '../reviews/notices.ts';
import { createReviewQueries, type SeenReview } from '../reviews/queries.ts';
import { createReviewReports } from '../reviews/report.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  type AdministratorSession,
  administratorOptions,
  DATABASE_HELP,
  loadUserDependencies,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, parseSubject, parseWholeNumber, print, UsageError } from './command.ts';
import { writeOutput } from './files.ts';
import { createOutput } from './output.ts';
import { formatTable, formatTime } from './text-table.ts';

const help = `Usage: rollcall review list [options]
       rollcall review open [--title <text>] [--privileged] [--inactive-days <number>] [--programs] [options]
       rollcall review show <review id> [options]
       rollcall review report <review id> [--out <file>] [options]

list    lists the newest access reviews with their progress
open    starts an access review; the server collects its items and mails the reviewers
show    shows how far a review is, and who has to decide how much
report  writes a review as CSV, a line for each item, and records in the audit trail that it did

${DATABASE_HELP}

Options:
  --title <text>           what the review is called (default: the day and whom it is about)
  --privileged             only users whose effective role is configure or admin
  --inactive-days <number> only users who were inactive for so many days
  --programs               also service accounts and API keys
  --reviewers <rule>       managers (of the user's groups) or owners (default: managers)
  --due <days>             days until it is due (default: 21)
  --out <file>             write to this file, which only you can read, instead of standard output
${ADMINISTRATOR_OPTIONS_HELP}
`;

export const reviewCommand: Command = {
  help,
  example: 'rollcall review open --privileged --reviewers owners',
  failure: 'the review is not there.',
  run: async ([action, ...args]) => {
    if (action === 'list') return listCommand(args);
    if (action === 'open') return openCommand(args);
    if (action === 'show') return showCommand(args);
    if (action === 'report') return reportCommand(args);
    throw new UsageError('Choose a command: rollcall review list, open, show or report.');
  },
};

const MOST_LISTED = 50;
const MISSING = 'Give the id of a review: rollcall review list shows them.';

function listCommand(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, administratorOptions);
  return withAdministrator(given, 'reviews:decide', async (session) => {
    const page = { after: undefined, limit: MOST_LISTED };
    const reviews = await createReviewQueries(session).list(
      session.by,
      { states: undefined, mine: false },
      page,
    );
    const shown = reviews.map(summaryOf);
    createOutput(given.json).finish({ organization: session.organization, reviews: shown }, () =>
      shown.length === 0
        ? 'There is no access review yet: rollcall review open starts one.'
        : formatTable(
            ['id', 'state', 'due', 'decided', 'title'],
            shown.map(({ id, state, dueAt, decided, items, title }) => [
              id,
              state,
              formatTime(dueAt),
              `${decided} of ${items}`,
              title,
            ]),
          ),
    );
    return 0;
  });
}

const openOptions = {
  title: { type: 'string' },
  privileged: { type: 'boolean', default: false },
  'inactive-days': { type: 'string' },
  programs: { type: 'boolean', default: false },
  reviewers: { type: 'string', default: 'managers' },
  due: { type: 'string', default: '21' },
  ...administratorOptions,
} as const;

function openCommand(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, openOptions);
  const rule = (['managers', 'owners'] as const).find((each) => each === given.reviewers);
  if (rule === undefined) throw new UsageError('--reviewers must be managers or owners.');
  const idle = given['inactive-days'];
  const inactiveDays = idle === undefined ? undefined : parseWholeNumber(idle, '--inactive-days', 1, 3_650);
  const daysUntilDue = parseWholeNumber(given.due, '--due', 1, 90);
  return withAdministrator(given, 'reviews:decide', async (session) => {
    const commands = createReviewCommands(await loadUserDependencies(session));
    const id = await commands.start(session.by, {
      title: given.title,
      scope: {
        users: true,
        privileged: given.privileged,
        programs: given.programs,
        ...(inactiveDays === undefined ? {} : { inactiveDays }),
      },
      reviewers: { rule },
      daysUntilDue,
      inactiveDays: inactiveDays ?? 90,
      undecided: 'leave',
    });
    const review = summaryOf(await createReviewQueries(session).get(session.by, id));
    createOutput(given.json).finish(
      { organization: session.organization, review },
      () =>
        `Started “${review.title}” (${id}) with ${countOf(review.expected, 'item')}, due ${formatTime(review.dueAt)}. The server collects them and mails the reviewers.`,
    );
    return 0;
  });
}

function showCommand(args: readonly string[]): Promise<number> {
  const { subject: id, given } = parseSubject(args, administratorOptions, MISSING);
  return withAdministrator(given, 'reviews:decide', async (session) => {
    const queries = createReviewQueries(session);
    const review = summaryOf(await queries.get(session.by, requireId(id)));
    const reviewers = await reviewersOf(session, id);
    createOutput(given.json).finish({ organization: session.organization, review, reviewers }, () =>
      [
        `${review.title}: ${review.state}, due ${formatTime(review.dueAt)}`,
        `${review.decided} of ${countOf(review.items, 'item')} decided: ${review.keep} keep, ${review.changeRole} change role, ${review.removeGroup} remove group, ${review.deactivate} deactivate`,
        '',
        formatTable(
          ['undecided', 'items', 'reviewer'],
          reviewers.map(({ reviewer, items, undecided }) => [String(undecided), String(items), reviewer]),
        ),
      ].join('\n'),
    );
    return 0;
  });
}

const reportOptions = { out: { type: 'string' }, ...administratorOptions } as const;

function reportCommand(args: readonly string[]): Promise<number> {
  const { subject: id, given } = parseSubject(args, reportOptions, MISSING);
  return withAdministrator(given, 'reviews:decide', async (session) => {
    const { csv } = await createReviewReports(session).csv(session.by, requireId(id));
    if (given.out === undefined) {
      for await (const piece of csv) print(piece.replace(/\n$/, ''));
      return 0;
    }
    await writeOutput(given.out, csv);
    const result = { organization: session.organization, file: given.out };
    createOutput(given.json).finish(result, () => `Written to ${given.out}.`);
    return 0;
  });
}

async function reviewersOf(session: AdministratorSession, id: string) {
  const page = { after: undefined, limit: MOST_LISTED };
  const rows = await createReviewQueries(session).reviewers(session.by, id, page);
  return rows.map(({ reviewer, items, undecided }) => ({
    reviewer: reviewer === null ? 'any administrator' : (reviewer.name ?? reviewer.email ?? reviewer.id),
    items,
    undecided,
  }));
}

function requireId(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new UsageError(MISSING);
}

function summaryOf(review: SeenReview) {
  const undecided = undecidedOf(review);
  return {
    id: review.id,
    title: review.title,
    state: review.state,
    dueAt: review.dueAt,
    expected: review.expected,
    items: review.items,
    decided: review.items - undecided,
    undecided,
    keep: review.kept,
    changeRole: review.rolesChanged,
    removeGroup: review.groupsRemoved,
    deactivate: review.deactivated,
  };
}
