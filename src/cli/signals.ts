/** Whether the operator wants a long command to end. */
export interface StopWatch {
  readonly stopped: boolean;
  /** Leaves signals to Node.js again. */
  release(): void;
}

/** Notices Ctrl+C and SIGTERM, so that a long command ends after its current step and reports what it has done. */
export function watchForStop(): StopWatch {
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return {
    get stopped() {
      return stopped;
    },
    release: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
