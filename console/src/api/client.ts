import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema.d.ts';

/** What is wrong with one field of a form. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A refusal of the API, or no answer at all (`status` 0). `message` is one sentence that says what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[];
  /** Names the request in the log of the server, for support. */
  readonly requestId: string | undefined;
  /** Seconds after which the server asks to be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    status: number,
    rest: {
      readonly code?: string | undefined;
      readonly errors?: readonly FieldError[] | undefined;
      readonly requestId?: string | undefined;
      readonly retryAfter?: number | undefined;
    } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = rest.code ?? 'no_answer';
    this.errors = rest.errors ?? [];
    this.requestId = rest.requestId;
    this.retryAfter = rest.retryAfter;
  }

  /** The sentence that belongs beside a field. */
  about(path: string): string | undefined {
    return this.errors.find((error) => error.path === path)?.message;
  }
}

/** What the API answers to a session that has ended. */
const SESSION_ENDED = 'unauthenticated';

/** Whether the session has ended. */
export const isSessionEnd = ({ status, code }: ApiError): boolean => status === 401 && code === SESSION_ENDED;

let csrfToken: string | null = null;
let onExpired: () => void = () => {};

/** The token that GET /me answers; every change carries it. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** @param listener what happens when the session has ended */
export function onSessionExpired(listener: () => void): void {
  onExpired = listener;
}

const SAFE = new Set(['GET', 'HEAD']);

const ours: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method) && csrfToken !== null) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return undefined;
    throw await errorOf(response);
  },
  onError() {
    return new ApiError('The server does not answer. Check your connection, then try again.', 0);
  },
};

/** Reads an answer that is not a success. @param ofSession whether the request was made in the user's session */
export async function errorOf(response: Response, ofSession = true): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => ({}));
  const problem = (typeof body === 'object' && body !== null ? body : {}) as {
    detail?: string;
    code?: string;
    errors?: FieldError[];
    requestId?: string;
  };
  const ended = ofSession && response.status === 401 && problem.code === SESSION_ENDED;
  if (ended) onExpired();
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError(
    ended
      ? 'Your session had ended, and nothing was done. Try again.'
      : (problem.detail ?? `The server answered ${response.status}. Try again in a moment.`),
    response.status,
    {
      code: problem.code,
      errors: problem.errors,
      requestId: problem.requestId ?? response.headers.get('X-Request-Id') ?? undefined,
      retryAfter: retryAfter > 0 ? retryAfter : undefined,
    },
  );
}

/** The REST API, typed by openapi.json. Every call rejects with an ApiError unless it succeeds. */
export const api = createClient<paths>({ baseUrl: '/api/v1' });
api.use(ours);

/** @returns what an answer brought */
export async function dataOf<Data>(answer: Promise<{ data?: Data | undefined }>): Promise<Data> {
  return (await answer).data as Data;
}

/** @returns the sentence of any failure */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'Something went wrong in this page. Load it again; if that does not help, contact your administrator.';
}
