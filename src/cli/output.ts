import { print } from './command.ts';

/** The option of every command that prints a result for programs. */
export const jsonOption = { json: { type: 'boolean', default: false } } as const;

/** What a command prints on standard output: text for users, or one JSON value and nothing else. */
export interface Output {
  readonly json: boolean;
  /** A line for users; nothing with `--json`. */
  say(text: string): void;
  /** The result: the value with `--json`, else the text. */
  finish(value: unknown, text: () => string): void;
}

/** Builds it from the `--json` option. */
export function createOutput(json: boolean): Output {
  return {
    json,
    say: (text) => {
      if (!json) print(text);
    },
    finish: (value, text) => print(json ? JSON.stringify(value, undefined, 2) : text()),
  };
}
