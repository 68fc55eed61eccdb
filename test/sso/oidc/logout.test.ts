import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import { createBrowser } from '../../support/browser.ts';
import { startOidcProvider, type TestOidcProvider } from '../../support/oidc/provider.ts';
import { ALICE, isCallback, REDIRECT, registerAt, signInAt } from '../../support/oidc/real-sign-in.ts';
import { refusal } from '../../support/oidc/sign-in.ts';

const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
let provider: TestOidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider({ accounts: [ALICE] });
});
afterAll(() => provider.close());

describe('logout', () => {
  test('at the provider ends its session and comes back with the state', async () => {
    const more = { post_logout_redirect_uris: ['http://127.0.0.1:9/goodbye'] };
    const client = await registerAt(party, provider, undefined, more);
    const browser = createBrowser();
    const { idToken } = await party.complete(client, await signInAt(party, client, { browser }));
    const url = party.endSessionUrl(client, {
      idTokenHint: idToken,
      postLogoutRedirectUri: 'http://127.0.0.1:9/goodbye',
      state: 'xyz',
    });
    const stopAt = ({ pathname }: URL) => pathname === '/goodbye';
    const confirm = await browser.get(url ?? '');
    const last = await browser.submit(confirm, { logout: 'yes' }, { stopAt });
    expect(last.url.href).toBe('http://127.0.0.1:9/goodbye?state=xyz');
    const again = await party.begin(client, { redirectUri: REDIRECT });
    expect(isCallback((await browser.get(again.url, { stopAt: isCallback })).url)).toBe(false);
  });

  test('is notified through the back channel with a token about the session of the sign-in', async () => {
    const received = receive();
    const client = await registerAt(party, provider, undefined, {
      backchannel_logout_uri: await received.listen(),
      backchannel_logout_session_required: true,
    });
    const browser = createBrowser();
    const { sid, idToken } = await party.complete(client, await signInAt(party, client, { browser }));
    const confirm = await browser.get(party.endSessionUrl(client, { idTokenHint: idToken }) ?? '');
    await browser.submit(confirm, { logout: 'yes' });
    const token = new URLSearchParams(await received.body).get('logout_token') ?? '';
    await received.close();

    expect(client.metadata).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
    const request = await party.verifyLogoutToken(client, token);
    expect(request).toMatchObject({ subject: 'u-1', sid, jti: expect.any(String) });
    expect(request.expiresAt.getTime()).toBeGreaterThan(Date.now());
    expect((await refusal(party.verifyLogoutToken(client, idToken))).reason).toBe('logout_token_invalid');
  });
});

/** Takes one request. */
function receive() {
  let server: Server | undefined;
  let take: (body: string) => void = () => {};
  const body = new Promise<string>((resolve) => {
    take = resolve;
  });
  return {
    body,
    listen: async () => {
      server = createServer(async (request, response) => {
        let text = '';
        for await (const chunk of request.setEncoding('utf8')) text += chunk;
        response.end();
        take(text);
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`;
    },
    close: async () => {
      await new Promise((resolve) => server?.close(resolve));
    },
  };
}
