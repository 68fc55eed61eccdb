import { fetchUserInfo } from 'openid-client';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { askProvider, parseAnswer } from './ask-provider.ts';
import type { OidcClient } from './client.ts';
import { configure } from './configuration.ts';
import { libraryProblem } from './library-problem.ts';

const MAX_BYTES = 256 * 1024;

/**
 * Asks the userinfo endpoint about the user of an ID token (OpenID Connect Core 1.0 §5.3).
 * @throws SsoError `userinfo_mismatch` if it answers about another user, `provider_unreachable`,
 *   `provider_misconfigured`
 */
export async function readUserinfo(
  dependencies: { readonly outbound: Outbound; readonly now: () => Date },
  client: OidcClient,
  endpoint: string,
  tokens: { readonly accessToken: string; readonly subject: string },
): Promise<Readonly<Record<string, unknown>>> {
  const configuration = await configure(
    client,
    async (_url, { headers }) => {
      const answer = await askProvider(dependencies.outbound, 'userinfo endpoint', endpoint, {
        headers: { ...headers, accept: 'application/json' },
        maxBytes: MAX_BYTES,
      });
      return Response.json(parseAnswer('userinfo endpoint', answer));
    },
    dependencies.now(),
  );
  try {
    return await fetchUserInfo(configuration, tokens.accessToken, tokens.subject);
  } catch (error) {
    throw libraryProblem(error, 'userinfo_mismatch');
  }
}
