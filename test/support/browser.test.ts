import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBrowser } from './browser.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** @returns the port; on loopback, `127.0.0.1` and `localhost` are two sites */
async function listen(handle: RequestListener): Promise<number> {
  server = createServer(handle);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const echo: RequestListener = (request, response) => {
  const { cookie = '', origin = '', 'sec-fetch-site': site } = request.headers;
  response.end(`${request.method} ${request.url} [${cookie}] [${origin}] [${site}]`);
};

describe('the browser of the tests', () => {
  test('keeps cookies, sends them where they belong, and forgets', async () => {
    const port = await listen((request, response) => {
      if (request.url === '/set') {
        response.setHeader('Set-Cookie', [
          'a=1; Path=/',
          'b=2; Path=/deep',
          'c=3; Path=/; Max-Age=0',
          'd=4; Secure; Path=/',
        ]);
      }
      echo(request, response);
    });
    const browser = createBrowser();
    await browser.get(`http://127.0.0.1:${port}/set`);
    expect((await browser.get(`http://127.0.0.1:${port}/`)).text).toContain('[a=1; d=4]');
    expect((await browser.get(`http://127.0.0.1:${port}/deep/x`)).text).toContain('[a=1; b=2; d=4]');
    expect((await browser.get(`http://127.0.0.1:${port}/deeper`)).text).toContain('[a=1; d=4]');
    expect(browser.cookie(`http://127.0.0.1:${port}/`, 'a')).toBe('1');
    expect(browser.cookie('http://example.com/', 'a')).toBeUndefined();
    browser.forget();
    expect((await browser.get(`http://127.0.0.1:${port}/`)).text).toContain('[]');
  });

  test('from another site, sends Lax cookies with a link only, None always and Strict never', async () => {
    const form = (port: number) =>
      `<form method="post" action="http://localhost:${port}/acs"><input name=x value='&quot;y&amp;'></form>`;
    const port = await listen((request, response) => {
      if (request.url === '/set') {
        response.setHeader('Set-Cookie', [
          'lax=1; Path=/',
          'none=1; Path=/; SameSite=None; Secure',
          'strict=1; Path=/; SameSite=Strict',
        ]);
      }
      if (request.url === '/form') response.end(form(port));
      else echo(request, response);
    });
    const browser = createBrowser();
    await browser.get(`http://localhost:${port}/set`);
    const elsewhere = await browser.get(`http://127.0.0.1:${port}/form`);
    const posted = await browser.submit(elsewhere);
    expect(posted.text).toBe(`POST /acs [none=1] [http://127.0.0.1:${port}] [cross-site]`);
    const followed = await browser.get(`http://localhost:${port}/`, { from: elsewhere });
    expect(followed.text).toBe('GET / [lax=1; none=1] [] [cross-site]');
    expect((await browser.get(`http://localhost:${port}/`)).text).toBe(
      'GET / [lax=1; none=1; strict=1] [] [none]',
    );
  });

  test.each([
    ['no-referrer', 'null'],
    ['no-referrer-when-downgrade', 'its own'],
    ['no-referrer, same-origin', 'its own'],
    ['same-origin', 'its own'],
  ])('a form of a page with Referrer-Policy: %s says that its origin is %s', async (policy, origin) => {
    const port = await listen((request, response) => {
      if (request.url !== '/form') return echo(request, response);
      response.setHeader('Referrer-Policy', policy);
      response.end('<form method="post" action="/"></form>');
    });
    const own = `http://127.0.0.1:${port}`;
    const browser = createBrowser();
    const page = await browser.submit(await browser.get(`${own}/form`));
    expect(page.text).toBe(`POST / [] [${origin === 'null' ? 'null' : own}] [same-origin]`);
  });

  test('follows redirects, stops where it is notified to, and submits forms with what was filled in', async () => {
    const port = await listen((request, response) => {
      const { url } = request;
      if (url === '/a') response.writeHead(302, { Location: '/b' }).end();
      else if (url === '/b') response.writeHead(303, { Location: 'http://elsewhere.example/?code=1' }).end();
      else if (url === '/form')
        response.end('<form><input type="hidden" name="t" value="1&lt;2"><input name="u"></form>');
      else echo(request, response);
    });
    const browser = createBrowser();
    const stopAt = ({ hostname }: URL) => hostname === 'elsewhere.example';
    const stopped = await browser.get(`http://127.0.0.1:${port}/a`, { stopAt });
    expect([stopped.url.href, stopped.status]).toEqual(['http://elsewhere.example/?code=1', 303]);
    const sent = await browser.submit(await browser.get(`http://127.0.0.1:${port}/form`), { u: 'a b' });
    expect(sent.text).toMatch(/^GET \/form\?t=1%3C2&u=a\+b /);
  });
});
