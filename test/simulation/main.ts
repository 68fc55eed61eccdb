import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { buildPrograms } from '../support/built-programs.mjs';
import { startTestPostgres } from '../support/postgres.ts';
import { askAll } from './answers.ts';
import { playMonth } from './month.ts';
import { createWorld } from './world.ts';

const USAGE = `npm run simulate -- [--people NUMBER]

Plays a month in an organization of some people (1,000 by default) and asks what an auditor would ask, of REST and the
command line only. Prints the answers; exit code 1 if one of them is not what the simulation did.`;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { people: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const people = Number(values.people ?? 1_000);
  buildPrograms();
  const postgres = await startTestPostgres();
  const secretKey = randomBytes(32);
  try {
    const world = await createWorld(secretKey);
    try {
      const begin = performance.now();
      const truth = await playMonth(world, people, say);
      say(`A month of ${people} people, played in ${Math.round((performance.now() - begin) / 1_000)} s.`);
      let wrongs = 0;
      for (const { question, lines, wrong, milliseconds } of await askAll(world, truth, secretKey)) {
        say(`\n${question} (${milliseconds} ms)`);
        for (const line of lines) say(`  ${line}`);
        for (const line of wrong) say(`  WRONG: ${line}`);
        wrongs += wrong.length;
      }
      return wrongs === 0 ? 0 : 1;
    } finally {
      await world.close();
    }
  } finally {
    await postgres.stop();
  }
}

process.exitCode = await main();
