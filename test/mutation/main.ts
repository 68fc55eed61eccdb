import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgressBar } from '../../src/cli/progress-bar.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { applyBreak, type Break } from './break.ts';
import { BREAKS } from './breaks/index.ts';
import { type Checkout, copyCheckout, digestSources, listChangedFiles, workFolder } from './checkout.ts';
import { compile } from './compile.ts';
import { type MutationOptions, parseOptions, USAGE } from './options.ts';
import { keyOfBreak, keyOfTests, type Outcome, type OutcomeStore, openOutcomes } from './outcomes.ts';
import { type BreakOutcome, reportOutcomes } from './report.ts';
import { runTests } from './test-run.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bar = createProgressBar(process.stderr);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  const breaks = chooseBreaks(options);
  const folder = workFolder(ROOT);
  await mkdir(folder, { recursive: true });
  const outcomes = await openOutcomes(folder, options.fresh);
  const checkout = await copyCheckout(ROOT, folder);
  const postgres = await startTestPostgres();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    return reportOutcomes(await runBreaks(breaks, checkout, outcomes, stop.signal));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    bar.line('Stopped. The next run continues from here.');
    return 130;
  } finally {
    bar.end();
    await postgres.stop();
  }
}

function chooseBreaks({ only, changedSince }: MutationOptions): readonly Break[] {
  const changed = changedSince === undefined ? undefined : listChangedFiles(ROOT, changedSince);
  return BREAKS.filter(({ file, allows, tests }) => {
    const texts = [file, allows, ...tests];
    const isNamed = only === undefined || texts.some((text) => text.toLowerCase().includes(only));
    return isNamed && (changed === undefined || [file, ...tests].some((path) => changed.has(path)));
  });
}

/** Returns whether a test file passes on the sources as they are: one that fails without a break notices nothing. */
type Passes = (file: string) => Promise<boolean>;

async function createTestCheck(
  checkout: Checkout,
  outcomes: OutcomeStore,
  signal: AbortSignal,
): Promise<Passes> {
  const sources = await digestSources(ROOT);
  const failing = new Set<string>();
  return async (file) => {
    if (failing.has(file)) return false;
    const key = await keyOfTests(checkout.root, file, sources);
    if (outcomes.find(key) !== undefined) return true;
    const { failed, failure = '', seconds } = await runTests(checkout.root, [file], signal);
    const word = failed ? `fails without a break: ${failure}` : 'passes without a break';
    bar.line(`${' '.repeat(9)}${file} ${word} (${seconds.toFixed(0)} s)`);
    if (failed) failing.add(file);
    else await outcomes.record(key, { result: 'survived', detail: '', seconds });
    return !failed;
  };
}

async function runBreaks(
  breaks: readonly Break[],
  checkout: Checkout,
  outcomes: OutcomeStore,
  signal: AbortSignal,
): Promise<readonly BreakOutcome[]> {
  const passes = await createTestCheck(checkout, outcomes, signal);
  const found: BreakOutcome[] = [];
  for (const [index, change] of breaks.entries()) {
    bar.show(index / breaks.length);
    const key = await keyOfBreak(checkout.root, change);
    const known = outcomes.find(key);
    const outcome = known ?? (await tryBreak(change, checkout, passes, signal));
    if (known === undefined) {
      if (outcome.result !== 'unproven') await outcomes.record(key, outcome);
      const { result, detail, seconds } = outcome;
      bar.line(
        `${`${index + 1}/${breaks.length}`.padEnd(9)}${result.padEnd(11)} ${change.file}: ${change.allows}`,
      );
      bar.line(`${' '.repeat(21)}${detail} (${seconds.toFixed(0)} s)`);
    }
    found.push({ change, outcome });
  }
  return found;
}

async function tryBreak(
  change: Break,
  checkout: Checkout,
  passes: Passes,
  signal: AbortSignal,
): Promise<Outcome> {
  for (const file of change.tests) {
    if (!(await passes(file))) return { result: 'unproven', detail: `${file} fails without it`, seconds: 0 };
  }
  let text: string;
  try {
    text = applyBreak(await readFile(join(checkout.root, change.file), 'utf8'), change);
    await compile(text);
  } catch (error) {
    return { result: 'not applied', detail: (error as Error).message, seconds: 0 };
  }
  const run = await checkout.withFile(change.file, text, () => runTests(checkout.root, change.tests, signal));
  return {
    result: run.failed ? 'noticed' : 'survived',
    detail: run.failure ?? `no test of ${change.tests.join(', ')} fails`,
    seconds: run.seconds,
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
