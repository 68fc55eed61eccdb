import { QueryClient } from '@tanstack/react-query';
import { ApiError, isSessionEnd } from './client.ts';
import { meQuery } from './me.ts';

const SESSION_RETRY_MS = 3_000;

/** What passes by itself is asked again, after as long as the server wishes; a refusal is shown at once. */
const passes = ({ status }: ApiError): boolean => status === 0 || status === 429 || status === 503;

/** The failure says nothing about what is shown. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && (passes(error) || error.status >= 500);

/**
 * Whether a failure is shown in the place of what was read. What could not be renewed stays, with what was typed into its
 * forms and dialogs.
 */
export const isShownInstead = (error: unknown, data: unknown): boolean =>
  error !== null && (data === undefined || !isPassing(error));

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
