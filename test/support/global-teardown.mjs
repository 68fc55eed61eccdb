/** Removes what the run made. */
export default async function globalTeardown() {
  await globalThis.testPostgres?.stop();
}
