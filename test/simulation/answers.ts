import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { TestUser } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';
import type { Truth } from './month.ts';
import { tick, type World } from './world.ts';

/** A question of an auditor, what REST and the command line answered, and what is wrong in it. */
export interface Answer {
  readonly question: string;
  readonly lines: readonly string[];
  readonly wrong: readonly string[];
  readonly milliseconds: number;
}

type Found = Pick<Answer, 'lines' | 'wrong'>;
type Ask = (world: World, truth: Truth, owner: TestUser, cli: Cli) => Promise<Found>;
type Cli = (...args: readonly string[]) => Promise<{ code: number | null; stdout: string; stderr: string }>;

const wrongIf = (isWrong: boolean, words: string) => (isWrong ? [words] : []);
const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

const whoCouldSee: Ask = async (_world, { known }, owner, cli) => {
  const wrong: string[] = [];
  for (const { user, at, status, role, effectiveRole, groups } of known) {
    const { body } = await owner.get(`/users/${user}?asOf=${at}`);
    const found = [body.status, body.role, body.groups?.map(({ id }: { id: string }) => id).sort()];
    if (!same(found, [status, role, groups]))
      wrong.push(`${user} at ${at}: ${JSON.stringify(found)}, not ${JSON.stringify([status, role, groups])}`);
    if (status !== 'active') continue;
    const rights = (await owner.get(`/users/${user}/permissions?asOf=${at}`)).body;
    const effective = rights.effectiveRole?.role ?? rights.effectiveRole;
    if (effective !== effectiveRole)
      wrong.push(`${user} at ${at}: effective ${JSON.stringify(effective)}, not ${effectiveRole}`);
  }
  const one = known[0] as (typeof known)[number];
  const shown = await cli('history', 'show', '--user', one.user, '--as-of', one.at);
  return {
    lines: shown.stdout.trim().split('\n'),
    wrong: [...wrong, ...wrongIf(shown.code !== 0, shown.stderr)],
  };
};

const whoChangedIt: Ask = async (_world, { changes }, owner) => {
  const lines: string[] = [];
  const wrong: string[] = [];
  for (const { user, by, words } of changes) {
    const { data } = (await owner.get(`/users/${user}/history?limit=100`)).body;
    const found = data.find(
      ({ sentence, cause }: { sentence: string; cause: { actor: { id: string } } | null }) =>
        words.test(sentence) && cause?.actor.id === by,
    );
    if (found === undefined)
      wrong.push(
        `No change of ${user} is ${words}: ${JSON.stringify(data.map(({ sentence, cause }: { sentence: string; cause: unknown }) => [sentence, cause]))}`,
      );
    else lines.push(`${found.at} ${found.sentence} ${found.cause.sentence}`);
  }
  return { lines, wrong };
};

interface Alert {
  readonly kind: string;
  readonly severity: string;
  readonly user: { readonly id: string } | null;
  readonly why: string;
  readonly comparedWith: string;
  readonly undo: { readonly connectionId: string; readonly from: string; readonly to: string } | null;
}

const whyAlerts: Ask = async (_world, { breakIn }, owner) => {
  const { data } = (await owner.get('/alerts?limit=100')).body as { data: readonly Alert[] };
  const lines = data.map(
    ({ kind, severity, why, comparedWith }) => `${severity} ${kind}: ${why} Compared with: ${comparedWith}`,
  );
  const has = (kind: string, user: string | undefined) =>
    data.some((alert) => alert.kind === kind && (user === undefined || alert.user?.id === user));
  return {
    lines,
    wrong: [
      ...wrongIf(!has('password_spraying', undefined), 'The spraying has no alert.'),
      ...wrongIf(!has('new_location', breakIn.user), 'The sign-in of the intruder has no alert.'),
      ...wrongIf(!has('sensitive_action', breakIn.user), 'The key of the intruder has no alert.'),
      ...wrongIf(
        !data.some(({ kind, undo }) => kind === 'mass_change' && undo !== null),
        'The mass change has no alert with its undo.',
      ),
    ],
  };
};

const sentenceOf = (row: { at: string; method: string; path: string; summary?: string }) =>
  `${row.at} ${row.method} ${row.path}: ${row.summary ?? ''}`;

const whatItTouched: Ask = async (world, { mistake }, owner) => {
  const path = `/scim/connections/${world.okta.connection}/requests?from=${mistake.from}&to=${mistake.to}&limit=200`;
  let requests = 0;
  const first: string[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await owner.get(`${path}${cursor}`);
    if (status !== 200) return { lines: [], wrong: [JSON.stringify(body)] };
    requests += body.data.length;
    if (first.length === 0 && body.data.length > 0) first.push(sentenceOf(body.data[0]));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  return {
    lines: [`${requests} requests of Okta, such as:`, ...first],
    wrong: wrongIf(
      requests !== mistake.people.length,
      `The log has ${requests} requests, not ${mistake.people.length}.`,
    ),
  };
};

/** Everybody as they were at a moment: id → what they were. */
async function everybody(owner: TestUser, asOf: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let cursor = ''; ; ) {
    const { body, status } = await owner.get(`/users?asOf=${asOf}&limit=200${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    for (const { id, status: state, role, effectiveRole, groups } of body.data) {
      found.set(id, JSON.stringify([state, role, effectiveRole, groups]));
    }
    if (body.nextCursor === null) return found;
    cursor = `&cursor=${body.nextCursor}`;
  }
}

const takeItBack: Ask = async (world, { mistake }, owner) => {
  const wrong: string[] = [];
  const { data } = (await owner.get('/alerts?kind=mass_change')).body as { data: readonly Alert[] };
  const batch = data[0]?.undo ?? { connectionId: world.okta.connection, from: mistake.from, to: mistake.to };
  const preview = (await owner.post('/undos', batch)).body;
  const expected = mistake.people.length - mistake.corrected.length;
  if (preview.counts?.activated !== expected || preview.counts?.skip !== mistake.corrected.length) {
    wrong.push(`The preview counts ${JSON.stringify(preview.counts ?? preview)}, not ${expected}.`);
  }
  const proof = { token: preview.token, reason: 'A wrong filter in Okta.', password: OWNER_PASSWORD };
  await owner.post(`/undos/${preview.id}/confirm`, proof);
  let state = 'running';
  let summary: string[] = [];
  for (let round = 0; state !== 'done' && round < 200; round += 1) {
    await world.rollcall.rollcall.runDueJobsOnce();
    ({ state, summary } = (await owner.get(`/undos/${preview.id}`)).body);
  }
  await tick();
  const [before, after] = [
    await everybody(owner, mistake.from),
    await everybody(owner, world.now().toISOString()),
  ];
  for (const [id, was] of before)
    if (after.get(id) !== was) wrong.push(`${id} was ${was}, and is ${after.get(id)}.`);
  return {
    lines: [...preview.summary, ...summary, `${before.size} people are as they were before.`],
    wrong: wrong.slice(0, 10),
  };
};

const evidence: Ask = async (world, { began, review, decided }, _owner, cli) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-month-'));
  try {
    const output = join(folder, 'month.zip');
    const as = ['--as-of', world.now().toISOString(), '--from', began, '--review', review];
    const written = await cli('history', 'bundle', '--out', output, ...as);
    if (written.code !== 0) return { lines: [], wrong: [written.stderr] };
    const verified = await runCli(['history', 'verify', output], {
      DATABASE_URL: 'postgres://nowhere.invalid/x',
    });
    const decisions = Buffer.from(
      unzipSync(readFileSync(output))['review-decisions.ndjson'] ?? [],
    ).toString();
    const lines = decisions.split('\n').filter(Boolean);
    const [first] = lines.map((line) => JSON.parse(line));
    const proved = [first?.subjectId, first?.before?.role, first?.after?.role];
    return {
      lines: verified.stdout.trim().split('\n'),
      wrong: [
        ...wrongIf(verified.code !== 0, verified.stdout + verified.stderr),
        ...wrongIf(
          !same(proved, [decided.user, decided.from, decided.to]),
          `The review decided ${JSON.stringify(proved)}, not ${JSON.stringify(decided)}.`,
        ),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const QUESTIONS: readonly (readonly [string, Ask])[] = [
  ['Who could see what on which day?', whoCouldSee],
  ['Who changed it?', whoChangedIt],
  ['Why did the alerts come?', whyAlerts],
  ['What did the mistake touch?', whatItTouched],
  ['Take it back.', takeItBack],
  ['The evidence of the month.', evidence],
];

/** Asks all questions, of REST and the command line only. */
export async function askAll(world: World, truth: Truth, secretKey: Buffer): Promise<readonly Answer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-data-'));
  symlinkSync(world.rollcall.outbox, join(folder, 'outbox'));
  const cli: Cli = (...args) =>
    runCli(args, {
      DATABASE_URL: world.rollcall.databaseUrl,
      DATA_DIR: folder,
      SECRET_KEY: secretKey.toString('base64'),
    });
  world.moveTo(30, 0);
  const owner = await world.owner();
  const answers: Answer[] = [];
  try {
    for (const [question, ask] of QUESTIONS) {
      const begin = performance.now();
      const found = await ask(world, truth, owner, cli);
      answers.push({ question, ...found, milliseconds: Math.round(performance.now() - begin) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return answers;
}
