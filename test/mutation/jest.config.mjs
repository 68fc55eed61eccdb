import base from '../../jest.config.mjs';

/** As the tests always run, but on the Postgres that `npm run mutate` started, and only until one has failed. */
export default {
  ...base,
  rootDir: '../..',
  globalSetup: undefined,
  globalTeardown: undefined,
  reporters: ['<rootDir>/test/mutation/first-failure.mjs'],
  testSequencer: '<rootDir>/test/mutation/listed-order.mjs',
  testEnvironment: '<rootDir>/test/mutation/stop-at-first-failure.mjs',
};
