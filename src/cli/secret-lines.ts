import { createInterface } from 'node:readline';
import { UsageError } from './command.ts';

/** Reads secrets from standard input, one a line. @throws UsageError if there are fewer, or it is a terminal, which would show them */
export async function readSecretLines(count: number): Promise<string[]> {
  const lines: string[] = [];
  if (count === 0) return lines;
  if (process.stdin.isTTY) {
    throw new UsageError(
      'Standard input is a terminal, which would show the secret: pipe it in, for example from a file.',
    );
  }
  for await (const line of createInterface({ input: process.stdin })) {
    lines.push(line);
    if (lines.length === count) return lines;
  }
  throw new UsageError(
    `Standard input has ${lines.length} of ${count} lines: give one line for each secret.`,
  );
}
