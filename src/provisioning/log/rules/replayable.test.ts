import { expect, test } from '@jest/globals';
import { type ReplayCandidate, replayObstacle } from './replayable.ts';

const failed: ReplayCandidate = {
  method: 'POST',
  status: 409,
  errorCode: 'user_name_taken',
  requestState: 'whole',
  emptiedAt: null,
};

test.each<[Partial<ReplayCandidate>, string | undefined]>([
  [{}, undefined],
  [{ method: 'DELETE', requestState: 'none' }, undefined],
  [{ status: 499 }, undefined],
  [{ status: 201 }, 'succeeded'],
  [{ method: 'GET' }, 'reads'],
  [{ errorCode: 'token_revoked', status: 401 }, 'token'],
  [{ requestState: 'masked' }, 'masked'],
  [{ requestState: 'cut' }, 'beginning'],
  [{ requestState: 'withheld' }, 'not kept'],
  [{ emptiedAt: '2026-11-28T00:00:00Z' }, 'erased'],
  [{ requestState: 'none' }, 'not kept'],
  [{ status: 499, requestState: 'omitted' }, 'replay those of its operations'],
  [{ errorCode: 'bulk_reference' }, 'refers to another one'],
])('a failed POST with %j is replayed unless it %s', (differs, obstacle) => {
  const said = replayObstacle({ ...failed, ...differs });
  if (obstacle === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(obstacle);
});
