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

/** Test files whose result on the unbroken sources is known. */
type Passing = ReadonlyMap<string, boolean>;

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
    const passing = await checkTests(breaks, checkout, outcomes, stop.signal);
    return reportOutcomes(await runBreaks(breaks, checkout, outcomes, passing, stop.signal));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    bar.line('Stopped. The next run goes on from here.');
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

/** Runs the tests on the sources as they are: a test that fails without a break notices nothing. */
async function checkTests(
  breaks: readonly Break[],
  checkout: Checkout,
  outcomes: OutcomeStore,
  signal: AbortSignal,
): Promise<Passing> {
  const sources = await digestSources(ROOT);
  const files = [...new Set(breaks.flatMap(({ tests }) => tests))].sort();
  const passing = new Map<string, boolean>();
  for (const [index, file] of files.entries()) {
    bar.show(index / files.length);
    const key = await keyOfTests(checkout.root, file, sources);
    let outcome = outcomes.find(key);
    if (outcome === undefined) {
      const run = await runTests(checkout.root, [file], signal);
      outcome = {
        result: run.failed ? 'noticed' : 'survived',
        detail: run.failure ?? '',
        seconds: run.seconds,
      };
      if (!run.failed) await outcomes.record(key, outcome);
      const word = run.failed ? `fails without a break: ${run.failure}` : 'passes';
      bar.line(`tests ${index + 1}/${files.length}  ${file} ${word} (${run.seconds.toFixed(0)} s)`);
    }
    passing.set(file, outcome.result === 'survived');
  }
  return passing;
}

async function runBreaks(
  breaks: readonly Break[],
  checkout: Checkout,
  outcomes: OutcomeStore,
  passing: Passing,
  signal: AbortSignal,
): Promise<readonly BreakOutcome[]> {
  const found: BreakOutcome[] = [];
  for (const [index, each] of breaks.entries()) {
    bar.show(index / breaks.length);
    const failing = each.tests.filter((file) => passing.get(file) !== true);
    if (failing.length > 0) {
      const detail = `fails without the break: ${failing.join(', ')}`;
      found.push({ change: each, outcome: { result: 'unproven', detail, seconds: 0 } });
      continue;
    }
    const key = await keyOfBreak(checkout.root, each);
    const known = outcomes.find(key);
    const outcome = known ?? (await tryBreak(each, checkout, signal));
    if (known === undefined) {
      await outcomes.record(key, outcome);
      const { result, detail, seconds } = outcome;
      bar.line(`${index + 1}/${breaks.length}  ${result.padEnd(11)}  ${each.file}: ${each.allows}`);
      bar.line(`${' '.repeat(12)}${detail} (${seconds.toFixed(0)} s)`);
    }
    found.push({ change: each, outcome });
  }
  return found;
}

async function tryBreak(change: Break, checkout: Checkout, signal: AbortSignal): Promise<Outcome> {
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
