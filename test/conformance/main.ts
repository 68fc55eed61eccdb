import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startTestPostgres } from '../support/postgres.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { javaSuites } from './java.ts';
import { microsoftSuite } from './microsoft.ts';
import { pythonSuites } from './python.ts';
import { report, type SuiteOutcome } from './report.ts';
import type { Suite } from './suite.ts';

const USAGE = `npm run conformance -- [options]

Runs the SCIM conformance suites and client libraries that package registries carry, each against an organization of
its own on a server of this run, and prints what they say. They are installed into node_modules/.cache; what cannot be
installed is skipped, with the reason. A failure that docs/conformance.md does not answer ends the run with exit code 1.

  --only TEXT   only suites whose name contains TEXT
  --write       write the results into docs/conformance.md
  --help`;

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/rollcall-conformance', import.meta.url));
const SUITES: readonly Suite[] = [...pythonSuites, ...javaSuites, microsoftSuite];
const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, write: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const suites = SUITES.filter(({ name }) => name.toLowerCase().includes((values.only ?? '').toLowerCase()));
  await mkdir(CACHE, { recursive: true });
  const postgres = await startTestPostgres();
  const outcomes: SuiteOutcome[] = [];
  try {
    const rollcall = await startRollcall();
    try {
      for (const suite of suites) {
        say(`${outcomes.length + 1}/${suites.length} ${suite.name} ${suite.version}`);
        outcomes.push({ suite, ...(await runSuite(rollcall, suite)) });
      }
    } finally {
      await rollcall.close();
    }
  } finally {
    await postgres.stop();
  }
  return report(outcomes, { say, write: values.write ?? false });
}

async function runSuite(rollcall: TestRollcall, suite: Suite): Promise<Omit<SuiteOutcome, 'suite'>> {
  const installed = await suite.install(CACHE);
  if ('missing' in installed) return { skipped: installed.missing };
  const { token } = await rollcall.organization({ strict: suite.strict, name: suite.name });
  return { checks: await installed.run({ base: rollcall.base, token }) };
}

process.exitCode = await main();
