/** A small change of the source that makes the server do something wrong, and the tests that have to notice it. */
export interface Break {
  /** Path of the source file, from the root of the repository. */
  readonly file: string;
  /** Text that occurs exactly once in that file. */
  readonly snippet: string;
  readonly replacement: string;
  /** What the server would do then, as a sentence. */
  readonly allows: string;
  /** Paths of the test files that are run. */
  readonly tests: readonly string[];
}

/** The snippet, its replacement, and a sentence about what the break allows. */
type Change = readonly [snippet: string, replacement: string, allows: string];

/** Lists the breaks of one source file that the same tests have to notice. */
export function breaksOf(file: string, tests: readonly string[], ...changes: readonly Change[]): Break[] {
  return changes.map(([snippet, replacement, allows]) => ({ file, snippet, replacement, allows, tests }));
}

/** A break whose snippet does not occur exactly once, or whose replacement changes nothing. */
class BreakDoesNotApply extends Error {}

/** @returns the source with the break in it @throws BreakDoesNotApply */
export function applyBreak(source: string, { file, snippet, replacement }: Break): string {
  const parts = source.split(snippet);
  if (snippet === replacement) throw new BreakDoesNotApply(`The replacement in ${file} changes nothing.`);
  if (parts.length !== 2) {
    const times = parts.length - 1;
    throw new BreakDoesNotApply(`The snippet occurs ${times} times in ${file}, not once: ${snippet}`);
  }
  return parts.join(replacement);
}
