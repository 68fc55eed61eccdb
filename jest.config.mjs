/** Tests run as ES modules, compiled by swc; one Postgres for the whole run (test/support/global-setup.mjs). */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          transform: { verbatimModuleSyntax: true },
        },
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  reporters: ['default', 'summary', '<rootDir>/test/support/reporter.mjs'],
  // On two cores: many tests wait for a server, a browser or a clock most of the time.
  maxWorkers: 3,
  // Modules of vm are not collected while a worker lives: a new one takes over between two files.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 60_000,
};
