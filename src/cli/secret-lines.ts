import { createInterface } from 'node:readline';
import { UsageError } from './command.ts';

/** Reads so many secrets from standard input, a line each. @throws UsageError if standard input has fewer, or is a terminal that would show them */
export async function readSecretLines(count: number): Promise<string[]> {
  const lines: string[] = [];
  if (count === 0) return lines;
  if (process.stdin.isTTY) {
    throw new UsageError(
      'Standard input is a terminal, which would show the secret: pipe it in from a file.',
    );
  }
  for await (const line of createInterface({ input: process.stdin })) {
    lines.push(line);
    if (lines.length === count) return lines;
  }
  throw new UsageError(
    `Standard input has ${lines.length} of ${count} lines: a line for each secret that is to be read.`,
  );
}
