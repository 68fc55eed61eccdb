import ordinary from '../../jest.config.mjs';

/** What `npm run interop` runs: never part of the ordinary run, whose files are called otherwise. */
export default {
  ...ordinary,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/interop/*.interop.ts'],
  maxWorkers: 1,
};
