import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createOutbound, type Outbound, OutboundError } from '../../src/platform/outbound.ts';

let servers: Server[] = [];

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers = [];
});

async function listen(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const message = { headers: { 'Content-Type': 'application/json' }, body: '{"word":"Grüße"}' };
const open = createOutbound({ allowPrivate: true });
const guarded = createOutbound({ allowPrivate: false });

async function refusalOf(outbound: Outbound, url: string, signal?: AbortSignal): Promise<OutboundError> {
  try {
    await outbound.post(url, message, signal);
  } catch (error) {
    if (error instanceof OutboundError) return error;
    throw error;
  }
  throw new Error('It was answered.');
}

describe('post', () => {
  test('sends the body as it is and says what came back', async () => {
    const seen: { method?: string | undefined; path?: string | undefined; body?: string } = {};
    const port = await listen(async (request, response) => {
      Object.assign(seen, { method: request.method, path: request.url, body: await read(request) });
      response.writeHead(202, { 'Retry-After': '7' }).end('thanks');
    });
    const answer = await open.post(`http://127.0.0.1:${port}/hook?a=b`, message);
    expect(answer).toEqual({ status: 202, retryAfter: '7' });
    expect(seen).toEqual({ method: 'POST', path: '/hook?a=b', body: message.body });
  });

  test('connects to the address that was looked at, and never asks for the name again', async () => {
    let asked = 0;
    let host: string | undefined;
    const port = await listen((request, response) => {
      host = request.headers.host;
      response.end();
    });
    const outbound = createOutbound({
      allowPrivate: true,
      resolve: async () => {
        asked += 1;
        return [{ address: asked === 1 ? '127.0.0.1' : '203.0.113.1', family: 4 }];
      },
    });
    expect((await outbound.post(`http://hooks.example:${port}/`, message)).status).toBe(200);
    expect({ asked, host }).toEqual({ asked: 1, host: `hooks.example:${port}` });
  });

  test('does not follow a redirect', async () => {
    let followed = false;
    const port = await listen((request, response) => {
      if (request.url === '/next') followed = true;
      response.writeHead(307, { Location: '/next' }).end();
    });
    expect((await open.post(`http://127.0.0.1:${port}/`, message)).status).toBe(307);
    await delay(50);
    expect(followed).toBe(false);
  });

  test('gives up on a server that says nothing', async () => {
    const port = await listen(() => {});
    const outbound = createOutbound({ allowPrivate: true, timeoutMs: 150 });
    expect((await refusalOf(outbound, `http://127.0.0.1:${port}/`)).reason).toBe('timeout');
  });

  test('gives up on an answer that never ends: the time is for the whole exchange', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const outbound = createOutbound({ allowPrivate: true, timeoutMs: 200 });
    expect((await refusalOf(outbound, `http://127.0.0.1:${port}/`)).reason).toBe('timeout');
  });

  test('gives up on a name that does not resolve in time', async () => {
    const outbound = createOutbound({
      allowPrivate: true,
      timeoutMs: 50,
      resolve: () => new Promise(() => {}),
    });
    expect((await refusalOf(outbound, 'http://hooks.example/')).reason).toBe('timeout');
  });

  test('reads no more than 64 KiB of an answer', async () => {
    let sent = 0;
    const port = await listen((_request, response) => {
      const chunk = 'x'.repeat(16 * 1024);
      const push = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.writeHead(200).on('drain', push);
      push();
    });
    expect((await open.post(`http://127.0.0.1:${port}/`, message)).status).toBe(200);
    const read = sent;
    await delay(50);
    expect(sent).toBe(read);
  });

  test('a connection that breaks in the middle of the answer is a failure', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    expect((await refusalOf(open, `http://127.0.0.1:${port}/`)).reason).toBe('failed');
  });

  test('says of a refused connection its code and no address', async () => {
    const port = await listen(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const refused = await refusalOf(open, `http://127.0.0.1:${port}/`);
    expect(refused).toMatchObject({ reason: 'failed', message: 'The connection failed (ECONNREFUSED).' });
  });

  test('a server that switches protocols is a failure', async () => {
    const port = await listen(() => {});
    servers[0]?.removeAllListeners('request').on('request', (request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    });
    expect((await refusalOf(open, `http://127.0.0.1:${port}/`)).reason).toBe('failed');
  });

  test('ends at once when it is stopped', async () => {
    const port = await listen(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    expect((await refusalOf(open, `http://127.0.0.1:${port}/`, stop.signal)).reason).toBe('stopped');
    expect((await refusalOf(open, `http://127.0.0.1:${port}/`, stop.signal)).reason).toBe('stopped');
  });
});

describe('the guard', () => {
  test('a request to this machine never leaves', async () => {
    let reached = false;
    const port = await listen((_request, response) => {
      reached = true;
      response.end();
    });
    const ways = ['127.0.0.1', 'localhost', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '0.0.0.0'];
    const ipv6 = ['[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[::]'];
    for (const host of [...ways, ...ipv6, 'localhost.']) {
      const { reason } = await refusalOf(guarded, `http://${host}:${port}/`);
      expect(['refused', 'unresolved']).toContain(reason);
    }
    expect(reached).toBe(false);
  });

  test('a name whose addresses are all private is refused, and no address of it is told', async () => {
    const outbound = createOutbound({
      allowPrivate: false,
      resolve: async () => [
        { address: '10.1.2.3', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
    });
    const refused = await refusalOf(outbound, 'https://intranet.example/');
    expect(refused.reason).toBe('refused');
    expect(refused.message).not.toMatch(/10\.|fd00/);
  });

  test('of a name with public and private addresses the private ones are never tried', async () => {
    let reached = false;
    const port = await listen((_request, response) => {
      reached = true;
      response.end();
    });
    const outbound = createOutbound({
      allowPrivate: false,
      timeoutMs: 500,
      // The second is nobody's: IANA keeps 2d00::/8 for later, so nothing routes it.
      resolve: async () => [
        { address: '127.0.0.1', family: 4 },
        { address: '2d00::1', family: 6 },
      ],
    });
    expect(['failed', 'timeout']).toContain(
      (await refusalOf(outbound, `http://hooks.example:${port}/`)).reason,
    );
    expect(reached).toBe(false);
  });

  test.each([
    ['ftp', 'ftp://example.com/'],
    ['file', 'file:///etc/passwd'],
    ['gopher', 'gopher://example.com/'],
    ['data', 'data:text/plain,x'],
    ['a user name', 'https://user@example.com/'],
    ['a password', 'https://user:pass@example.com/'],
    ['no URL', 'example.com'],
  ])('%s is refused, private addresses allowed or not', async (_, url) => {
    expect((await refusalOf(open, url)).reason).toBe('refused');
    expect((await refusalOf(guarded, url)).reason).toBe('refused');
  });
});
