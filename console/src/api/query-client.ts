import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';

/** What passes by itself is asked again, after as long as the server wishes; a refusal is shown at once. */
const passes = ({ status }: ApiError): boolean => status === 0 || status === 429 || status === 503;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Without a network a request fails at once, and the page says so; it does not wait for one in silence.
      networkMode: 'always',
      staleTime: 15_000,
      retry: (failures, error) => error instanceof ApiError && passes(error) && failures < 3,
      retryDelay: (failures, error) =>
        error instanceof ApiError && error.retryAfter !== undefined
          ? Math.min(error.retryAfter, 30) * 1_000
          : 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
