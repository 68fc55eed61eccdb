import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

const get = (path: string, accept: string) => request(rollcall.server).get(path).set('Accept', accept);

describe('an address that is not there', () => {
  test.each(['/nothing-here', '/nothing/below', '/assets/nothing.js', '/Users'])(
    'is a page to a browser: %s',
    async (path) => {
      const answer = await get(path, BROWSER);
      expect([answer.status, answer.type]).toEqual([404, 'text/html']);
      expect(answer.text).toContain('<h1>Page not found</h1>');
      expect(answer.text).toContain('href="/"');
      expect(answer.get('Content-Security-Policy')).toContain("default-src 'none'");
      expect(answer.get('Cache-Control')).toBe('no-store');
    },
  );

  test.each([
    ['/nothing-here', '*/*'],
    ['/nothing-here', 'application/json'],
    ['/api/v1/nothing-here', BROWSER],
    ['/api', BROWSER],
  ])('is a problem in JSON to a program: %s, %s', async (path, accept) => {
    const answer = await get(path, accept);
    expect([answer.status, answer.type]).toEqual([404, 'application/problem+json']);
  });

  test('is an error of SCIM below its base URL, whatever is accepted', async () => {
    const answer = await get('/scim/v2/Nothing', BROWSER);
    expect(answer.type).toBe('application/scim+json');
  });

  test('is no page to a form that is sent there', async () => {
    const answer = await request(rollcall.server).post('/nothing-here').set('Accept', BROWSER).send('a=b');
    expect([answer.status, answer.type]).toEqual([404, 'application/problem+json']);
  });
});
