import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, errorOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.d.ts';

/** The token stands behind the # of the link: no server and no log has seen it. */
const token = window.location.hash.slice(1);

const withToken: Middleware = {
  onRequest({ request }) {
    request.headers.set('Authorization', `Bearer ${token}`);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    throw await errorOf(response, false);
  },
  onError() {
    return new ApiError('The server does not answer. Check your connection, then try again.', 0);
  },
};

/** The routes of a set-up link: this connection and no other, without a session. */
export const linkApi = createClient<paths>({ baseUrl: '/api/v1', credentials: 'omit' });
linkApi.use(withToken);
