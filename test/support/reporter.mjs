import { writeSync } from 'node:fs';

/**
 * Ends a run with one line that people and machines can read: `N passed, N failed`, and `N skipped` if any were. Jest
 * buffers what reporters write, so the line waits for the process to exit to be the last one.
 */
export default class SummaryLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) counts.push(`${skipped} skipped`);
    process.once('exit', () => writeSync(process.stdout.fd, `\n${counts.join(', ')}\n`));
  }
}
