import type { BodyState } from '../entry.ts';

/** What decides whether a request can be replayed. */
export interface ReplayCandidate {
  readonly method: string;
  readonly status: number;
  readonly errorCode: string | null;
  readonly requestState: BodyState;
  readonly emptiedAt: string | null;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** @returns why a request cannot be replayed, as a sentence; undefined if it can */
export function replayObstacle(request: ReplayCandidate): string | undefined {
  const { method, status, errorCode: code, requestState: state, emptiedAt } = request;
  if (status < 400) return 'This request succeeded: there is nothing to replay.';
  if (!WRITES.has(method)) return 'This request only reads: let the identity provider send it again.';
  if (code === 'token_expired' || code === 'token_revoked' || status === 401) {
    return 'The token of this request was not valid: let the identity provider send it again with a valid one.';
  }
  if (state === 'omitted') {
    return 'The body of a Bulk is not kept: replay those of its operations that failed.';
  }
  if (code === 'bulk_reference') {
    return 'This operation refers to another one of its Bulk, which did not create anything: let the identity provider send both again.';
  }
  if (emptiedAt !== null) return 'A user whom this request names was erased, and its body with the user.';
  if (state === 'masked') {
    return 'The body of this request had secrets, which are masked: let the identity provider send it again.';
  }
  if (state === 'cut') {
    return 'Only the beginning of the body of this request was kept: let the identity provider send it again.';
  }
  if (state === 'withheld' || (state === 'none' && method !== 'DELETE')) {
    return 'The body of this request was not kept: let the identity provider send it again.';
  }
  return undefined;
}
