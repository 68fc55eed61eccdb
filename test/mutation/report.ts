import { alignRows } from '../../src/cli/text-table.ts';
import type { Break } from './break.ts';
import type { Outcome } from './outcomes.ts';

/** A break and what came of it. */
export interface BreakOutcome {
  readonly change: Break;
  readonly outcome: Outcome;
}

const WANTED = 0.95;

/** Prints what was found out. @returns the exit code: 0 if enough was noticed and every break applied */
export function reportOutcomes(outcomes: readonly BreakOutcome[]): number {
  const areas = new Map<string, BreakOutcome[]>();
  for (const each of outcomes) {
    const area = areaOf(each.change.file);
    areas.set(area, [...(areas.get(area) ?? []), each]);
  }
  const rows = [...areas].sort().map(([area, found]) => [area, ...counts(found)]);
  const table = [['', 'breaks', 'noticed', 'survived', 'other'], ...rows, ['all', ...counts(outcomes)]];
  console.log(`\n${alignRows(table).join('\n')}`);
  for (const { change, outcome } of outcomes) {
    if (outcome.result === 'noticed') continue;
    console.log(`\n${outcome.result}: ${change.file}\n  ${change.allows}\n  ${outcome.detail}`);
  }
  const noticed = count(outcomes, 'noticed');
  const decided = noticed + count(outcomes, 'survived');
  const share = decided === 0 ? 1 : noticed / decided;
  console.log(`\n${noticed} of ${decided} breaks noticed (${(share * 100).toFixed(1)} %).`);
  return share >= WANTED && decided === outcomes.length ? 0 : 1;
}

const areaOf = (file: string): string =>
  file
    .split('/')
    .slice(1, file.startsWith('src/directory/') ? 3 : 2)
    .join('/');

const count = (outcomes: readonly BreakOutcome[], result: Outcome['result']): number =>
  outcomes.filter(({ outcome }) => outcome.result === result).length;

function counts(outcomes: readonly BreakOutcome[]): string[] {
  const [noticed, survived] = [count(outcomes, 'noticed'), count(outcomes, 'survived')];
  const other = outcomes.length - noticed - survived;
  return [outcomes.length, noticed, survived, other].map(String);
}
