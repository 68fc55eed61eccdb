/** What is known of a connection that is being set up; times are ISO 8601. */
export interface ScimProgress {
  /** Tokens that work. */
  readonly tokens: readonly { readonly lastUsedAt: string | null }[];
  /** Its latest requests, the newest first. */
  readonly requests: readonly {
    readonly status: number;
    readonly method: string;
    readonly problem: string | null;
  }[];
  /** Whether it has created a user or a group. */
  readonly hasCreated: boolean;
}

export interface Check {
  readonly name: 'token' | 'connected' | 'accepted' | 'users';
  readonly passed: boolean;
  /** What is so, and what to do where it is not. */
  readonly sentence: string;
}

/** Whether provisioning works, step by step: what the provider has done so far tells. */
export function checksOf({ tokens, requests, hasCreated }: ScimProgress): readonly Check[] {
  const hasToken = tokens.length > 0;
  const isConnected = tokens.some(({ lastUsedAt }) => lastUsedAt !== null);
  const refused = requests.find(({ status }) => status >= 400 && status !== 404);
  const check = (name: Check['name'], passed: boolean, yes: string, no: string): Check => ({
    name,
    passed,
    sentence: passed ? yes : no,
  });
  return [
    check('token', hasToken, 'There is a token that works.', 'Make a token, and enter it at the provider.'),
    check(
      'connected',
      isConnected,
      'The provider has used a token.',
      'The provider has not used a token yet: start its test of the connection.',
    ),
    check(
      'accepted',
      isConnected && refused === undefined,
      'The latest requests were accepted.',
      refused === undefined
        ? 'No request has come yet.'
        : `A ${refused.method} was answered with ${refused.status}${refused.problem === null ? '.' : `: ${refused.problem}`}`,
    ),
    check(
      'users',
      hasCreated,
      'The provider has created users.',
      'No user was created yet: assign one at the provider.',
    ),
  ];
}
