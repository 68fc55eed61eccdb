import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

/** Sends bytes on a connection of their own. @returns the whole answer */
const send = (bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(rollcall.base);
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(3_000, () => socket.destroy(new Error(`no end after ${answer}`)));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(answer));
  });

test.each([
  ['names no host', 'GET /readyz HTTP/1.1\r\n\r\n', 400, 'Send the header Host.'],
  [
    'expects what no server offers',
    'GET /readyz HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n',
    417,
    'Send the request without the header Expect.',
  ],
  [
    'has an address that cannot be read',
    'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n',
    400,
    'The address of the request is not valid.',
  ],
])('A request that %s is rejected with a sentence', async (_what, bytes, status, detail) => {
  const answer = await send(bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status: String(status), detail });
});
