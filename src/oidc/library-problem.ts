import type { SsoReason } from '../sso/rules/reasons.ts';
import { SsoError } from '../sso/sso-error.ts';

/**
 * An error of openid-client in a form that may be logged: its errors carry claims, tokens and codes, so
 * only their sentences are kept, which are constants. An SsoError that went through it comes out again.
 * @returns the same error if it is not one of the library's
 */
export function libraryProblem(error: unknown, reason: SsoReason): unknown {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  const own = chain.find((one) => one instanceof SsoError);
  if (own !== undefined) return own;
  // The innermost error with a code is the cause; below it are the parser's errors, which quote the input.
  const precise = chain.filter(isCoded).at(-1);
  return precise === undefined ? error : new SsoError(reason, precise.message);
}

const isCoded = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && error.code.startsWith('OAUTH_');
