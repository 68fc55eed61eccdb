import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Config, parseConfig } from '../config.ts';

/** One of the words that may follow `rollcall`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws UsageError, CommandError, ConfigError, EmbeddedPostgresError, and what the database throws
   */
  run(args: readonly string[]): Promise<number>;
}

/** The command line is not one of this command: a sentence that says how. */
export class UsageError extends Error {}

/** Why a command did not do what it was to do: a sentence for whoever typed it. */
export class CommandError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Given extends Options> = ReturnType<
  typeof parseArgs<{ options: Given; strict: true; allowPositionals: false }>
>['values'];

/** Reads a command's options; anything else on the command line is a mistake. @throws UsageError */
export function parseOptions<const Given extends Options>(
  args: readonly string[],
  options: Given,
): Values<Given> {
  return inWords(() => parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values);
}

/**
 * Reads the options of a command that is about one thing, and which one.
 * @param missing the sentence for a command line that does not name it
 * @throws UsageError
 */
export function parseSubject<const Given extends Options>(
  args: readonly string[],
  options: Given,
  missing: string,
): { readonly subject: string; readonly given: Values<Given> } {
  const { positionals, values } = inWords(() =>
    parseArgs({ args: [...args], options, strict: true, allowPositionals: true }),
  );
  const [subject, another] = positionals;
  if (subject === undefined) throw new UsageError(missing);
  if (another !== undefined) throw new UsageError(`Only one at a time: "${another}" is one too many.`);
  return { subject, given: values as Values<Given> };
}

function inWords<Result>(parse: () => Result): Result {
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

/** Where clients reach the server of these settings, if it runs. */
export function serverUrl({ publicUrl, host, port }: Config): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return publicUrl ?? `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
