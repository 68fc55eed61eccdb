import { expect, test } from '@jest/globals';
import { type ReplayCandidate, replayObstacle } from './replayable.ts';

const failed: ReplayCandidate = {
  method: 'POST',
  status: 409,
  error_code: 'user_name_taken',
  request_state: 'whole',
  emptied_at: null,
};

test.each<[Partial<ReplayCandidate>, string | undefined]>([
  [{}, undefined],
  [{ method: 'DELETE', request_state: 'none' }, undefined],
  [{ status: 499 }, undefined],
  [{ status: 201 }, 'succeeded'],
  [{ method: 'GET' }, 'reads'],
  [{ error_code: 'token_revoked', status: 401 }, 'token'],
  [{ request_state: 'masked' }, 'masked'],
  [{ request_state: 'cut' }, 'beginning'],
  [{ request_state: 'withheld' }, 'not kept'],
  [{ emptied_at: '2026-11-28T00:00:00Z' }, 'erased'],
  [{ request_state: 'none' }, 'not kept'],
])('a failed POST with %j is replayed unless it %s', (differs, obstacle) => {
  const said = replayObstacle({ ...failed, ...differs });
  if (obstacle === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(obstacle);
});
