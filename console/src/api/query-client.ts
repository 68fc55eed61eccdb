import { QueryClient } from '@tanstack/react-query';
import { ApiError, isSessionEnd } from './client.ts';
import { meQuery } from './me.ts';

const SESSION_RETRY_MS = 3_000;

/** What passes by itself is asked again, after as long as the server wishes; a refusal is shown at once. */
const passes = ({ status }: ApiError): boolean => status === 0 || status === 429 || status === 503;

/**
 * Whether what is shown stays when it could not be renewed: the failure says nothing about it, and what was typed into its
 * forms and dialogs would be lost with it.
 */
export const staysShown = (error: unknown): boolean =>
  error instanceof ApiError && (passes(error) || error.status >= 500);

/** A page that is open waits for the next session, which its user begins beside it. */
const awaitsSession = (error: ApiError): boolean =>
  isSessionEnd(error) && queryClient.getQueryData(meQuery.queryKey) !== undefined;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Without a network a request fails at once, and the page says so; it does not wait for one in silence.
      networkMode: 'always',
      staleTime: 15_000,
      retry: (failures, error) =>
        error instanceof ApiError && (awaitsSession(error) || (passes(error) && failures < 3)),
      retryDelay: (failures, error) => {
        if (error instanceof ApiError && isSessionEnd(error)) return SESSION_RETRY_MS;
        return error instanceof ApiError && error.retryAfter !== undefined
          ? Math.min(error.retryAfter, 30) * 1_000
          : 500 * 2 ** failures;
      },
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
