import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createOutbound,
  type Outbound,
  OutboundError,
  type OutboundRequest,
} from '../../src/platform/http-client/http-client.ts';

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

async function refused(answer: Promise<unknown>): Promise<OutboundError> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof OutboundError) return error;
    throw error;
  }
  throw new Error('It was answered.');
}

const errorOf = (outbound: Outbound, url: string, signal?: AbortSignal) =>
  refused(outbound.post(url, message, signal));

const KIB: OutboundRequest = { maxBytes: 1_024 };

describe('post', () => {
  test('sends the body unchanged and returns the answer', async () => {
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
    let requested = 0;
    let host: string | undefined;
    const port = await listen((request, response) => {
      host = request.headers.host;
      response.end();
    });
    const outbound = createOutbound({
      allowPrivate: true,
      resolve: async () => {
        requested += 1;
        return [{ address: requested === 1 ? '127.0.0.1' : '203.0.113.1', family: 4 }];
      },
    });
    expect((await outbound.post(`http://hooks.example:${port}/`, message)).status).toBe(200);
    expect({ requested, host }).toEqual({ requested: 1, host: `hooks.example:${port}` });
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

  test('gives up on a silent server', async () => {
    const port = await listen(() => {});
    const outbound = createOutbound({ allowPrivate: true, timeoutMs: 150 });
    expect((await errorOf(outbound, `http://127.0.0.1:${port}/`)).reason).toBe('timeout');
  });

  test('gives up on an answer that never ends: the time is for the whole exchange', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const outbound = createOutbound({ allowPrivate: true, timeoutMs: 200 });
    expect((await errorOf(outbound, `http://127.0.0.1:${port}/`)).reason).toBe('timeout');
  });

  test('gives up on a name that does not resolve in time', async () => {
    const outbound = createOutbound({
      allowPrivate: true,
      timeoutMs: 50,
      resolve: () => new Promise(() => {}),
    });
    expect((await errorOf(outbound, 'http://hooks.example/')).reason).toBe('timeout');
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
    expect((await errorOf(open, `http://127.0.0.1:${port}/`)).reason).toBe('failed');
  });

  test('reports the code of a rejected connection and no address', async () => {
    const port = await listen(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const refused = await errorOf(open, `http://127.0.0.1:${port}/`);
    expect(refused).toMatchObject({ reason: 'failed', message: 'The connection failed (ECONNREFUSED).' });
  });

  test('a server that switches protocols is a failure', async () => {
    const port = await listen(() => {});
    servers[0]?.removeAllListeners('request').on('request', (request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    });
    expect((await errorOf(open, `http://127.0.0.1:${port}/`)).reason).toBe('failed');
  });

  test('ends immediately when it is stopped', async () => {
    const port = await listen(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    expect((await errorOf(open, `http://127.0.0.1:${port}/`, stop.signal)).reason).toBe('stopped');
    expect((await errorOf(open, `http://127.0.0.1:${port}/`, stop.signal)).reason).toBe('stopped');
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
      const { reason } = await errorOf(guarded, `http://${host}:${port}/`);
      expect(['refused', 'unresolved']).toContain(reason);
    }
    expect(reached).toBe(false);
  });

  test('a name whose addresses are all private is rejected, and no address of it is notified', async () => {
    const outbound = createOutbound({
      allowPrivate: false,
      resolve: async () => [
        { address: '10.1.2.3', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
    });
    const refused = await errorOf(outbound, 'https://intranet.example/');
    expect(refused.reason).toBe('refused');
    expect(refused.message).not.toMatch(/10\.|fd00/);
  });

  test('private networks being allowed, what hands credentials to a machine is not', async () => {
    for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '0.0.0.0']) {
      expect([host, open.urlProblem(`http://${host}/`)]).toEqual([host, expect.stringContaining('metadata')]);
    }
    const named = createOutbound({
      allowPrivate: true,
      resolve: async () => [{ address: '169.254.169.254', family: 4 }],
    });
    expect((await errorOf(named, 'http://metadata.example/')).reason).toBe('refused');
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
      // The second is no user's: IANA keeps 2d00::/8 for later, so nothing routes it.
      resolve: async () => [
        { address: '127.0.0.1', family: 4 },
        { address: '2d00::1', family: 6 },
      ],
    });
    expect(['failed', 'timeout']).toContain(
      (await errorOf(outbound, `http://hooks.example:${port}/`)).reason,
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
  ])('%s is rejected, private addresses allowed or not', async (_, url) => {
    expect((await errorOf(open, url)).reason).toBe('refused');
    expect((await errorOf(guarded, url)).reason).toBe('refused');
  });
});

describe('fetch', () => {
  test('returns status, headers in lower case and the body as it came', async () => {
    const seen: { method?: string | undefined; headers?: unknown; body?: string } = {};
    const port = await listen(async (request, response) => {
      Object.assign(seen, { method: request.method, headers: request.headers, body: await read(request) });
      response.setHeader('Set-Cookie', ['a=1', 'b=2']).setHeader('ETag', '"7"');
      response.writeHead(404).end(Buffer.from([0xff, 0x00]));
    });
    const answer = await open.fetch(`http://127.0.0.1:${port}/`, {
      ...KIB,
      method: 'POST',
      headers: { 'X-Word': 'y' },
      body: 'grüße',
    });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('etag')).toBe('"7"');
    expect(answer.headers.get('set-cookie')).toBe('a=1, b=2');
    expect(answer.body).toEqual(Buffer.from([0xff, 0x00]));
    expect(seen).toMatchObject({
      method: 'POST',
      headers: { 'x-word': 'y', 'accept-encoding': 'identity', 'content-length': '7' },
      body: 'grüße',
    });
  });

  test('an answer of exactly as many bytes as allowed is accepted, one more is not', async () => {
    const port = await listen((request, response) => {
      response.write('x'.repeat(1_000));
      response.end('x'.repeat(request.url === '/fits' ? 24 : 25));
    });
    expect((await open.fetch(`http://127.0.0.1:${port}/fits`, KIB)).body.length).toBe(1_024);
    expect((await refused(open.fetch(`http://127.0.0.1:${port}/`, KIB))).reason).toBe('too_large');
  });

  test('of an answer of 1 GB the connection is cut after a few packets', async () => {
    let sent = 0;
    let closed = false;
    const port = await listen((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const push = () => {
        while (sent < 2 ** 30 && !response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', push).on('close', () => {
        closed = true;
      });
      push();
    });
    expect((await refused(open.fetch(`http://127.0.0.1:${port}/`, KIB))).reason).toBe('too_large');
    await delay(100);
    expect(closed).toBe(true);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test('an answer that announces too much is cut before its body', async () => {
    let closed = false;
    const port = await listen((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'Content-Length': '1073741824' }).flushHeaders();
    });
    expect((await refused(open.fetch(`http://127.0.0.1:${port}/`, KIB))).reason).toBe('too_large');
    await delay(50);
    expect(closed).toBe(true);
  });

  test('gives up on an answer that never ends, in the time of the request', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const answer = open.fetch(`http://127.0.0.1:${port}/`, { ...KIB, timeoutMs: 200 });
    expect((await refused(answer)).reason).toBe('timeout');
  });

  test('gives up on headers without end', async () => {
    const port = await listen((request) => {
      request.socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1_000_000)}`);
    });
    expect((await refused(open.fetch(`http://127.0.0.1:${port}/`, KIB))).reason).toBe('failed');
  });

  test('a compressed answer is not accepted: a bomb stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const port = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
    });
    const answer = open.fetch(`http://127.0.0.1:${port}/`, { maxBytes: 1_000_000 });
    expect((await refused(answer)).message).toMatch(/compressed/);
  });

  test('follows no redirect', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(302, { Location: '/next' }).end();
    });
    expect((await open.fetch(`http://127.0.0.1:${port}/`, KIB)).status).toBe(302);
  });

  test('ends immediately when it is stopped', async () => {
    const port = await listen(() => {});
    const answer = open.fetch(`http://127.0.0.1:${port}/`, KIB, AbortSignal.timeout(30));
    expect((await refused(answer)).reason).toBe('stopped');
  });

  test('a request to this machine or to a private address never leaves', async () => {
    let reached = false;
    const port = await listen((_request, response) => {
      reached = true;
      response.end();
    });
    for (const host of ['127.0.0.1', 'localhost', '0x7f000001', '[::1]', '169.254.169.254', '10.0.0.1']) {
      const { reason } = await refused(guarded.fetch(`http://${host}:${port}/`, KIB));
      expect(['refused', 'unresolved']).toContain(reason);
    }
    expect(reached).toBe(false);
  });
});

describe('httpsOnly', () => {
  test.each(['http://idp.example/', 'http://203.0.113.1/', 'http://10.0.0.1/', 'http://localhost.example/'])(
    '%s is rejected, private addresses allowed or not',
    async (url) => {
      for (const outbound of [open, guarded]) {
        const answer = await refused(outbound.fetch(url, { ...KIB, httpsOnly: true }));
        expect(answer).toMatchObject({ reason: 'refused', message: 'The URL must begin with https://.' });
      }
    },
  );

  test('this machine may be asked without TLS where private addresses are allowed, and only there', async () => {
    const port = await listen((_request, response) => {
      response.end();
    });
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(open.urlProblem(`http://${host}:${port}/`, true)).toBeUndefined();
      expect(guarded.urlProblem(`http://${host}:${port}/`, true)).toBe('The URL must begin with https://.');
    }
    const answer = await open.fetch(`http://127.0.0.1:${port}/`, { ...KIB, httpsOnly: true });
    expect(answer.status).toBe(200);
  });

  test('a rejection names the setting that allows this machine', async () => {
    const named = createOutbound({ allowPrivate: false, setting: 'ALLOW_PRIVATE_PROVIDERS' });
    const sentence =
      'The URL must begin with https://; http:// is for this machine alone, with ALLOW_PRIVATE_PROVIDERS=true.';
    for (const url of ['http://localhost:8080/', 'http://idp.example/']) {
      expect(named.urlProblem(url, true)).toBe(sentence);
    }
    expect(named.urlProblem('ftp://idp.example/', true)).toBe('The URL must begin with https://.');
  });
});

describe('fetchFollowing', () => {
  const redirecting = (locations: Readonly<Record<string, string>>, requested: IncomingMessage[] = []) =>
    listen((request, response) => {
      requested.push(request);
      const location = locations[request.url ?? ''];
      if (location === undefined) response.end('here');
      else response.writeHead(302, { Location: location }).end();
    });

  test('follows three redirects and no fourth', async () => {
    const port = await redirecting({ '/4': '/3', '/3': '/2', '/2': '/1', '/1': '/0' });
    const answer = await open.fetchFollowing(`http://127.0.0.1:${port}/3`, KIB);
    expect(answer.body.toString()).toBe('here');
    expect((await refused(open.fetchFollowing(`http://127.0.0.1:${port}/4`, KIB))).reason).toBe('failed');
  });

  test('ends a loop', async () => {
    const requested: IncomingMessage[] = [];
    const port = await redirecting({ '/a': '/b', '/b': '/a' }, requested);
    const answer = await refused(open.fetchFollowing(`http://127.0.0.1:${port}/a`, KIB));
    expect(answer.message).toBe('The address redirects more than 3 times.');
    expect(requested).toHaveLength(4);
  });

  test('each address is looked at like the first, also where the first was allowed', async () => {
    const port = await redirecting({ '/': 'http://10.0.0.1/', '/name': 'http://intranet.example/' });
    for (const path of ['/', '/name']) {
      const answer = open.fetchFollowing(`http://127.0.0.1:${port}${path}`, { ...KIB, httpsOnly: true });
      expect((await refused(answer)).message).toBe('The URL must begin with https://.');
    }
  });

  test('each name is resolved once, and what it resolves to is connected to', async () => {
    const inner = await redirecting({});
    const outer = await redirecting({ '/': `http://inner.example:${inner}/` });
    const looked: string[] = [];
    const outbound = createOutbound({
      allowPrivate: true,
      resolve: async (host) => {
        looked.push(host);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    expect((await outbound.fetchFollowing(`http://outer.example:${outer}/`, KIB)).status).toBe(200);
    expect(looked).toEqual(['outer.example', 'inner.example']);
  });

  test.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://user:pass@127.0.0.1/', 'http://[::'])(
    'a redirect to %s is not followed',
    async (location) => {
      const port = await redirecting({ '/': location });
      const { reason } = await refused(open.fetchFollowing(`http://127.0.0.1:${port}/`, KIB));
      expect(['refused', 'failed']).toContain(reason);
    },
  );

  test('credentials stay with the origin that they are for', async () => {
    const there: IncomingMessage[] = [];
    const other = await redirecting({}, there);
    const here: IncomingMessage[] = [];
    const port = await redirecting({ '/': '/same', '/same': `http://127.0.0.1:${other}/` }, here);
    const headers = { Authorization: 'Bearer x', Accept: 'text/plain' };
    await open.fetchFollowing(`http://127.0.0.1:${port}/`, { ...KIB, headers });
    expect(here.map((request) => request.headers.authorization)).toEqual(['Bearer x', 'Bearer x']);
    expect(there[0]?.headers).toMatchObject({ accept: 'text/plain' });
    expect(there[0]?.headers.authorization).toBeUndefined();
  });

  test('the time is for all redirects together', async () => {
    const port = await listen((request, response) => {
      const hop = Number(request.url?.slice(1));
      setTimeout(() => response.writeHead(302, { Location: `/${hop + 1}` }).end(), 100);
    });
    const answer = open.fetchFollowing(`http://127.0.0.1:${port}/0`, { ...KIB, timeoutMs: 250 });
    expect((await refused(answer)).reason).toBe('timeout');
  });
});
