import { parseArgs } from 'node:util';

export interface MutationOptions {
  /** Part of a break's file, sentence or tests. */
  readonly only: string | undefined;
  /** Only breaks whose source or tests differ from this commit. */
  readonly changedSince: string | undefined;
  /** Forgets the outcomes of earlier runs. */
  readonly fresh: boolean;
}

export const USAGE = `npm run mutate -- [options]

Breaks critical code, one place at a time, and lists the breaks that no test notices. Outcomes are kept in a
temporary folder: a stopped run continues where it stopped, and an outcome is valid until the source or the tests change.

  --only TEXT      only breaks whose file, sentence or tests contain TEXT
  --changed        only breaks whose source or tests differ from main
  --since COMMIT   the same, from another commit
  --fresh          forget what earlier runs found out
  --help`;

/** @throws TypeError with a message for what is not an option */
export function parseOptions(args: readonly string[]): MutationOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      changed: { type: 'boolean', default: false },
      since: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    only: values.only?.toLowerCase(),
    changedSince: values.since ?? (values.changed ? 'main' : undefined),
    fresh: values.fresh,
  };
}
