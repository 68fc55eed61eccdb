import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { UsageError } from '../command.ts';
import { readInput } from '../files.ts';

/**
 * The addresses to invite, each once, in the order in which they were given.
 * @param words of the command line; `-` stands for the addresses on standard input
 * @param file with addresses, separated by blanks, commas or line ends
 * @throws UsageError if there are none, CommandError if the file cannot be read
 */
export async function collectAddresses(
  words: readonly string[],
  file: string | undefined,
): Promise<readonly string[]> {
  const given: string[] = [];
  for (const word of words) given.push(...(word === '-' ? split(await text(process.stdin)) : [word.trim()]));
  if (file !== undefined) {
    const bytes = await readInput(file, readFile);
    given.push(...split(bytes.toString('utf8')));
  }
  const addresses = new Map(
    given.filter((address) => address !== '').map((address) => [caseKey(address), address]),
  );
  if (addresses.size === 0) {
    throw new UsageError('Name at least one address: rollcall invite jane@acme.example.');
  }
  return [...addresses.values()];
}

function split(content: string): string[] {
  return content.replace(/^\uFEFF/, '').split(/[\s,;]+/);
}
