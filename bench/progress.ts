/** Shows how far long work is: a bar on a terminal, now and then a line elsewhere. */
export interface Progress {
  /** @param done the part that is done, 0 to 1 */
  show(done: number, what: string): void;
  /** Leaves the line free for what is printed next. */
  clear(): void;
}

const WIDTH = 30;

export function createProgress(output: NodeJS.WriteStream): Progress {
  if (!output.isTTY) return lines(output);
  return {
    show: (done, what) => {
      const filled = Math.round(Math.min(1, done) * WIDTH);
      const bar = '█'.repeat(filled) + '·'.repeat(WIDTH - filled);
      output.write(`\r\x1b[2K${bar} ${what}`.slice(0, output.columns + 5));
    },
    clear: () => output.write('\r\x1b[2K'),
  };
}

/** A line for each new thing, and for each tenth of a long one. */
function lines(output: NodeJS.WriteStream): Progress {
  let last = '';
  return {
    show: (done, what) => {
      const line = `${String(Math.floor(done * 10) * 10).padStart(3)} % ${what}`;
      if (line === last) return;
      last = line;
      output.write(`${line}\n`);
    },
    clear: () => undefined,
  };
}
