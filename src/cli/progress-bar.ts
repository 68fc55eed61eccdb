/** A bar on the last line of a terminal; where there is no terminal, nothing. */
export interface ProgressBar {
  /** Prints a line above the bar. */
  line(text: string): void;
  /** @param done from 0 to 1 */
  show(done: number): void;
  end(): void;
}

const WIDTH = 40;

/** Draws on a stream if it is a terminal. */
export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  let bar = '';
  const clear = () => {
    if (bar !== '') stream.write('\r\u001b[2K');
  };
  return {
    line: (text) => {
      clear();
      stream.write(`${text}\n${bar}`);
    },
    show: (done) => {
      if (!stream.isTTY) return;
      clear();
      const filled = Math.round(done * WIDTH);
      bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.round(done * 100)} %`;
      stream.write(bar);
    },
    end: () => {
      clear();
      bar = '';
    },
  };
}
