import {
  type Outbound,
  OutboundError,
  type OutboundRequest,
  type OutboundResponse,
} from '../platform/http-client/http-client.ts';
import { truncate } from '../platform/truncate.ts';
import type { SsoReason } from '../sso/rules/reasons.ts';
import { SsoError } from '../sso/sso-error.ts';

/** The provider's endpoint, as a trace names it. */
type ProviderEndpoint = 'discovery document' | 'key set' | 'token endpoint' | 'userinfo endpoint';

/**
 * Sends a request to a provider: the only way in which this folder reaches the network. No redirect is followed.
 * @throws SsoError `provider_unreachable`, or `provider_misconfigured` if the address or the answer is not allowed
 */
export async function askProvider(
  outbound: Outbound,
  endpoint: ProviderEndpoint,
  url: string,
  request: OutboundRequest,
): Promise<OutboundResponse> {
  let answer: OutboundResponse;
  try {
    answer = await outbound.fetch(url, {
      ...request,
      headers: { ...request.headers, 'User-Agent': 'Rollcall-SSO/1.0' },
      httpsOnly: true,
    });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const ours = error.reason === 'refused' || error.reason === 'too_large';
    const reason = ours ? 'provider_misconfigured' : 'provider_unreachable';
    throw new SsoError(reason, `The ${endpoint}: ${error.message}`, { cause: error });
  }
  const { status } = answer;
  if (status === 429 || status >= 500) throw unexpected('provider_unreachable', endpoint, status);
  return answer;
}

/** @throws SsoError `provider_misconfigured` if it is not 200 with JSON in UTF-8 */
export function parseAnswer(endpoint: ProviderEndpoint, { status, body }: OutboundResponse): unknown {
  if (status !== 200) throw unexpected('provider_misconfigured', endpoint, status);
  const json = readJson(body);
  if (json === undefined) {
    throw new SsoError('provider_misconfigured', `The ${endpoint} did not answer with JSON.`);
  }
  return json;
}

/** @returns undefined if it is not JSON; the parser's message would quote the input */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

const unexpected = (
  reason: 'provider_unreachable' | 'provider_misconfigured',
  endpoint: ProviderEndpoint,
  status: number,
): SsoError => new SsoError(reason, `The ${endpoint} answered with status ${status}.`);

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

/** What another user wrote, for a trace: one line, printable, not too long. */
export function quoted(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '\uFFFD');
  return `“${plain.length > 200 ? `${truncate(plain, 200)}…` : plain}”`;
}
