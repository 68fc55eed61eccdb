import { DomainError, type DomainErrorCode, type DomainErrorKind } from '../directory/errors.ts';
import { BodyTooLarge } from '../http/body.ts';
import { MalformedJson } from '../http/json.ts';
import { MalformedQuery } from '../http/query.ts';
import { TooManyRequests } from '../http/rate-limit.ts';
import { describeUnavailable, RETRY_AFTER } from '../http/unavailable.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';

/** Codes that only REST has. */
export type ProblemCode =
  | DomainErrorCode
  | 'validation_failed'
  | 'malformed'
  | 'unsupported_media_type'
  | 'method_not_allowed'
  | 'csrf_failed'
  | 'idempotency_key_reused'
  | 'request_running'
  | 'unavailable'
  | 'internal';

/** What is wrong with one field: where it is, a code, and the sentence that a form shows beside it. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** An error as RFC 9457 has it. */
export interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that REST raises itself. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Input that the declaration of the route does not take. */
export function validationFailed(errors: readonly FieldError[]): ProblemError {
  const [first] = errors;
  return new ProblemError({
    status: 422,
    code: 'validation_failed',
    detail:
      first !== undefined && errors.length === 1 ? sentenceOf(first) : 'Some fields are invalid: see errors.',
    errors,
  });
}

/** An error of a whole body has no field name. */
function sentenceOf({ path, message }: FieldError): string {
  if (!/^(?:must|is) /.test(message)) return message;
  return `${path === '' ? 'The body' : path} ${message}`;
}

/** A rejection that is about another field on this route than on others. Anything else stays as it is. */
export function aboutField(error: unknown, code: DomainErrorCode, path: string): unknown {
  if (!(error instanceof DomainError) || error.code !== code) return error;
  const { message } = error;
  return new ProblemError({
    status: statuses[error.kind],
    code,
    detail: message,
    errors: [{ path, code, message }],
  });
}

/** The status of each kind of rejection. */
const statuses = {
  missing: 404,
  taken: 409,
  invalid: 422,
  stale: 412,
  conflict: 409,
  busy: 503,
  forbidden: 403,
  unauthenticated: 401,
  gone: 410,
  unconfirmed: 428,
  too_large: 413,
  too_costly: 422,
  throttled: 429,
} satisfies Record<DomainErrorKind, number>;

/** The status with which a rejection is answered; the documentation asks as well. */
export function statusOf(kind: DomainErrorKind): number {
  return statuses[kind];
}

/** The field that a rejection is about, where a form can show it. */
const fields: Partial<Record<DomainErrorCode, string>> = {
  email_taken: 'email',
  user_name_taken: 'email',
  invalid_email: 'email',
  invalid_address: 'url',
  invalid_role: 'role',
  role_above_limit: 'role',
  group_not_found: 'groups',
  weak_password: 'password',
  password_invalid: 'password',
  group_name_taken: 'name',
  justification_required: 'justification',
  reason_required: 'reason',
  code_invalid: 'code',
  invalid_scope: 'scopes',
  unknown_item: 'item',
  invalid_certificate: 'certificate',
  invalid_provider: 'settings.issuer',
  identity_taken: 'subject',
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The body of a problem (RFC 9457 §3). */
export function presentProblem({ status, code, detail, errors }: Problem, requestId: string): object {
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    code,
    detail,
    ...(errors === undefined ? {} : { errors }),
    requestId,
  };
}

/** @returns the problem to answer with, or undefined for a failure of ours */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DomainError) {
    const field = fields[error.code];
    return {
      status: statuses[error.kind],
      code: error.code,
      detail: error.message,
      ...(field === undefined ? {} : { errors: [{ path: field, code: error.code, message: error.message }] }),
      ...(error.retryAfter === undefined ? {} : { headers: { 'Retry-After': String(error.retryAfter) } }),
    };
  }
  if (error instanceof MalformedJson || error instanceof MalformedQuery) {
    return { status: 400, code: 'malformed', detail: error.message };
  }
  if (error instanceof BodyTooLarge) {
    const detail = `The body is larger than ${error.limit} bytes: send less per request.`;
    return { status: 413, code: 'malformed', detail, headers: { Connection: 'close' } };
  }
  if (error instanceof TooManyRequests) {
    const detail = `Too many requests: try again in ${error.retryAfter} s.`;
    return { status: 429, code: 'throttled', detail, headers: { 'Retry-After': String(error.retryAfter) } };
  }
  if (error instanceof DatabaseUnavailable) {
    const detail = describeUnavailable(error);
    return { status: 503, code: 'unavailable', detail, headers: { 'Retry-After': RETRY_AFTER } };
  }
  return undefined;
}
