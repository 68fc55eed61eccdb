/** One check of a suite, as the suite itself judged it. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** The suite's message about a failure; empty if it passed. */
  readonly detail: string;
}

/** The connection that a suite tests: an organization of its own, in which nothing has happened yet. */
export interface Target {
  /** The SCIM base URL, without a slash at its end. */
  readonly base: string;
  readonly token: string;
}

/** Runs the suite against a connection. @throws Error if the suite ends without a result */
type Run = (target: Target) => Promise<readonly Check[]>;

/** A suite that is ready to run, or the reason why it is not to be had here, as the end of a sentence. */
export type Installed = { readonly run: Run } | { readonly missing: string };

/** A conformance suite, or a client library that is driven through a synchronization. */
export interface Suite {
  readonly name: string;
  readonly version: string;
  /** Where it comes from, such as `PyPI`. */
  readonly source: string;
  /** Whether the connection rejects what RFC 7643 and RFC 7644 do not allow. */
  readonly strict: boolean;
  /**
   * Finds it in the cache, or installs it there.
   * @param cache a folder for what is installed
   */
  install(cache: string): Promise<Installed>;
}
