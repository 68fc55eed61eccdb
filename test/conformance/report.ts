import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ANSWERS, type Answer } from './answers.ts';
import type { Check, Suite } from './suite.ts';

/** What came of a suite: its checks, or why it did not run. */
export interface SuiteOutcome {
  readonly suite: Suite;
  readonly checks?: readonly Check[];
  readonly skipped?: string;
}

const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));
const BEGIN = '<!-- results: npm run conformance -- --write -->';
const END = '<!-- end of results -->';

/**
 * Prints a table of the suites, and each failure with its answer.
 * @returns the exit code: 1 if a failure has no answer, or an answer no failure
 */
export async function report(
  outcomes: readonly SuiteOutcome[],
  { say, write }: { say(line: string): void; write: boolean },
): Promise<number> {
  const open = outcomes.flatMap(({ suite, checks = [] }) =>
    checks
      .filter((check) => !check.passed && answerTo(suite, check) === undefined)
      .map((check) => `${suite.name}: ${check.name}: ${check.detail || 'failed'}`),
  );
  const needless = outcomes.flatMap(({ suite, checks }) =>
    checks === undefined
      ? []
      : ANSWERS.filter(
          (answer) =>
            answer.suites.includes(suite.name) &&
            !checks.some((check) => !check.passed && answer.check.test(check.name)),
        ).map((answer) => `${suite.name}: ${answer.check} is answered and does not fail.`),
  );
  const table = describe(outcomes);
  say(`\n${table}`);
  if (write) await writePage(table);
  if (open.length > 0)
    say(`Not answered in test/conformance/answers.ts:\n${open.map((line) => `  ${line}`).join('\n')}`);
  if (needless.length > 0)
    say(`Remove from test/conformance/answers.ts:\n${needless.map((line) => `  ${line}`).join('\n')}`);
  return open.length + needless.length === 0 ? 0 : 1;
}

function answerTo(suite: Suite, check: Check): Answer | undefined {
  return ANSWERS.find(({ suites, check: name }) => suites.includes(suite.name) && name.test(check.name));
}

function describe(outcomes: readonly SuiteOutcome[]): string {
  const rows = outcomes.map(({ suite, checks, skipped }) => {
    const passed = checks?.filter((check) => check.passed).length;
    const result = checks === undefined ? `skipped: ${skipped}` : `${passed} of ${checks.length}`;
    return `| ${suite.name} | ${suite.version} | ${suite.source} | ${result} |`;
  });
  const failures = outcomes.flatMap(({ suite, checks = [] }) =>
    checks
      .filter((check) => !check.passed)
      .map(
        (check) =>
          `| ${suite.name} | ${escapeCell(check.name)} | ${answerTo(suite, check)?.because ?? '**not answered**'} |`,
      ),
  );
  return [
    `Run on ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| suite | version | from | passed |',
    '|---|---|---|---|',
    ...rows,
    ...(failures.length === 0 ? [] : ['', '| suite | what fails | why |', '|---|---|---|', ...failures]),
    '',
  ].join('\n');
}

const escapeCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

async function writePage(table: string): Promise<void> {
  const text = await readFile(PAGE, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const [, after = ''] = rest.split(END);
  await writeFile(PAGE, `${before}${BEGIN}\n\n${table}\n${END}${after}`);
}
