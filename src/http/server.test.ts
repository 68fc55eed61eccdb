import { expect, test } from '@jest/globals';
import { listen } from './server.ts';

test('a server that closes cuts a request that does not end within its grace', async () => {
  let arrived: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await listen({ host: '127.0.0.1', port: 0 }, () => () => arrived());
  const answer = fetch(`http://127.0.0.1:${server.port}/`).then(
    () => 'answered',
    () => 'cut',
  );
  await begun;
  const began = performance.now();
  await server.close({ lingerMs: 0, graceMs: 300 });
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await answer).toBe('cut');
});
