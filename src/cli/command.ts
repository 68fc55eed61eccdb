import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Config, parseConfig } from '../config/config.ts';

/** One of the words that may follow `rollcall`. */
export interface Command {
  /** The usage, what the command does, and its options. */
  readonly help: string;
  /** A command line that works. */
  readonly example: string;
  /** What exit code 1 means, without "Exit code 1:". */
  readonly failure: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws UsageError, CommandError, ConfigError, Rejection, EmbeddedPostgresError, DatabaseUnavailable
   */
  run(args: readonly string[]): Promise<number>;
}

/** A command in the list of all: the module behind it is loaded when it is asked for, and no other. */
export interface ListedCommand {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Commands by name, under the headings of the help. */
export type CommandGroups = Readonly<Record<string, Readonly<Record<string, ListedCommand>>>>;

/** The command line is wrong: a sentence that says how to write it. */
export class UsageError extends Error {}

/** Why a command was not carried out: a sentence for the user who typed it, and a code for programs. */
export class CommandError extends Error {
  readonly code: 'failed' | 'not_found' | 'file' | 'forbidden';

  constructor(message: string, code: CommandError['code'] = 'failed') {
    super(message);
    this.code = code;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Given extends Options> = ReturnType<
  typeof parseArgs<{ options: Given; strict: true; allowPositionals: false }>
>['values'];

/** Reads a command's options and the words beside them. @throws UsageError */
export function parsePositionals<const Given extends Options>(
  args: readonly string[],
  options: Given,
): { readonly words: readonly string[]; readonly given: Values<Given> } {
  const { positionals, values } = translateErrors(() =>
    parseArgs({ args: [...args], options, strict: true, allowPositionals: true }),
  );
  return { words: positionals, given: values as Values<Given> };
}

/** Reads the options of a command that takes nothing else. @throws UsageError */
export function parseOptions<const Given extends Options>(
  args: readonly string[],
  options: Given,
): Values<Given> {
  const { words, given } = parsePositionals(args, options);
  if (words[0] !== undefined) throw new UsageError(`Unexpected argument "${words[0]}".`);
  return given;
}

/**
 * Reads the options of a command that is about one thing, and that thing.
 * @param missing the sentence for a command line that does not name it
 * @throws UsageError
 */
export function parseSubject<const Given extends Options>(
  args: readonly string[],
  options: Given,
  missing: string,
): { readonly subject: string; readonly given: Values<Given> } {
  const { words, given } = parsePositionals(args, options);
  const [subject, another] = words;
  if (subject === undefined || subject.trim() === '') throw new UsageError(missing);
  if (another !== undefined) throw new UsageError(`Unexpected argument "${another}": name only one.`);
  return { subject, given };
}

/** Reads a whole number. @param name of the option, for the sentence @throws UsageError */
export function parseWholeNumber(text: string, name: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < from || value > to) {
    throw new UsageError(
      `${name} must be a whole number from ${from.toLocaleString('en')} to ${to.toLocaleString('en')}.`,
    );
  }
  return value;
}

function translateErrors<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/(?<=\w['"]?)\. /);
    throw new UsageError(/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);
  }
}

/** The operator's settings, which a command shares with the server. @throws ConfigError */
export function readConfig(): Config {
  return parseConfig(process.env);
}

/** Where clients reach the server with these settings, if it runs. */
export function serverUrl({ publicUrl, host, port }: Config): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return publicUrl ?? `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
