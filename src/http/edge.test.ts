import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClientAddress } from './client-address.ts';
import { createEdge } from './edge.ts';

const edge = createEdge({
  logRequest: () => ({ requestId: '1' }),
  direct: [
    { path: '/scim/v2', listener: (_request, response, target) => void response.end(`direct ${target}`) },
  ],
  app: (request, response) => void response.end(`app ${request.url}`),
});
const server = createServer(edge);
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});

function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    send({ host: '127.0.0.1', port, path }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

test.each([
  ['/scim/v2/Users?count=1', 'direct /Users?count=1'],
  ['/SCIM/V2/users', 'direct /users'],
  ['/scim/v2', 'direct /'],
  ['/scim/v2?count=1', 'direct /?count=1'],
  ['/scim/v2//Users', 'direct //Users'],
  ['http://somewhere.example/scim/v2/Users', 'direct /Users'],
  ['/scim/v20/Users', 'app /scim/v20/Users'],
  ['/scim', 'app /scim'],
  ['/api/v1/users?q=/scim/v2/', 'app /api/v1/users?q=/scim/v2/'],
])('%s goes to %s', async (path, answer) => {
  expect(await get(path)).toBe(answer);
});

test('the address of a client is that of the last proxy that is not trusted', () => {
  const request = {
    socket: { remoteAddress: '10.0.0.9' },
    headers: { 'x-forwarded-for': '203.0.113.7, 198.51.100.2' },
  } as unknown as IncomingMessage;
  expect(createClientAddress(false)(request)).toBe('10.0.0.9');
  expect(createClientAddress(1)(request)).toBe('198.51.100.2');
  expect(createClientAddress(2)(request)).toBe('203.0.113.7');
  expect(createClientAddress(['10.0.0.0/8'])(request)).toBe('198.51.100.2');
  expect(createClientAddress(['loopback'])(request)).toBe('10.0.0.9');
});
