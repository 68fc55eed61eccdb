import { writeFileSync } from 'node:fs';

/** Writes the name of the first test that fails to the file that `MUTATION_FAILURE` names. */
export default class FirstFailure {
  onTestResult(_test, { testResults, failureMessage }) {
    const failed = testResults.find(({ status }) => status === 'failed')?.fullName;
    const failure = failed ?? (failureMessage && `does not start: ${failureMessage.slice(0, 300)}`);
    if (failure) writeFileSync(process.env['MUTATION_FAILURE'], failure);
  }
}
