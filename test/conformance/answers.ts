/** Why a check of a suite fails and stays that way. */
export interface Answer {
  /** The names of the suites that have the check. */
  readonly suites: readonly string[];
  readonly check: RegExp;
  /** What the check expects and what the RFC says instead, in Markdown. */
  readonly because: string;
}

export const ANSWERS: readonly Answer[] = [];
