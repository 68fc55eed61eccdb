import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner, type TestPerson } from '../support/admin.ts';
import { startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let tenant: TestTenant;
let owner: TestPerson;

beforeAll(async () => {
  rollcall = await startRollcall({ trustProxy: 1 });
  tenant = await rollcall.tenant();
  owner = await signInAsOwner(rollcall, tenant);
});
afterAll(() => rollcall.close());

const GUESSES = 32;

/** Wrong passwords at once, each from a network of its own, again and again until told to stop. */
function guesses(): { stop(): Promise<number> } {
  let stopped = false;
  let made = 0;
  const guess = async (lane: number): Promise<void> => {
    for (let round = 0; !stopped; round += 1) {
      await request(rollcall.server)
        .post('/api/v1/auth/login')
        .set('X-Forwarded-For', `10.${lane}.${round % 250}.1`)
        .send({ email: tenant.ownerEmail, password: 'wrong' });
      made += 1;
    }
  };
  const lanes = Array.from({ length: GUESSES }, (_, lane) => guess(lane));
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(lanes);
      return made;
    },
  };
}

/** What an administrator does: reads, and changes that take the organization's lock. @returns milliseconds of each */
async function work(rounds: number): Promise<number[]> {
  const times: number[] = [];
  const timed = async (send: () => PromiseLike<{ status: number }>) => {
    const start = performance.now();
    expect((await send()).status).toBeLessThan(300);
    times.push(performance.now() - start);
  };
  for (let round = 0; round < rounds; round += 1) {
    await timed(() => owner.get('/users'));
    await timed(() => owner.post('/groups', { name: `Group ${Math.random()}` }));
    await timed(() => owner.get('/me'));
  }
  return times.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;

test('32 wrong passwords at once leave the requests of an administrator as quick as they are', async () => {
  await work(20);
  const quiet = await work(70);
  const attack = guesses();
  const beside = await work(70);
  const made = await attack.stop();
  const figures = [quiet, beside].map((times) =>
    [0.5, 0.95, 0.99].map((share) => quantile(times, share).toFixed(1)).join(' / '),
  );
  process.stderr.write(`quiet ${figures[0]} ms, beside ${made} guesses ${figures[1]} ms (p50 / p95 / p99)\n`);
  expect(made).toBeGreaterThan(GUESSES);
  expect(quantile(beside, 0.99)).toBeLessThan(2 * quantile(quiet, 0.99) + 25);
});
