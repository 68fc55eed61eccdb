import { TestEnvironment } from 'jest-environment-node';

/** Skips the tests of a file once one of them has failed: a break needs to be noticed once. */
export default class StopAtFirstFailure extends TestEnvironment {
  failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_done' && event.test.errors.length > 0) this.failed = true;
    if (event.name === 'test_start' && this.failed) event.test.mode = 'skip';
  }
}
