import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { Router } from 'express';
import pino, { type Logger } from 'pino';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createEdge } from './edge.ts';
import { createApp } from './express-app.ts';
import { createRequestLog } from './request-log.ts';

function serve(log: Logger, routers: Iterable<readonly [string, Router]>) {
  return createEdge({
    logRequest: createRequestLog(log, new Registry()),
    direct: [],
    app: createApp({ log, trustProxy: false, routers }),
  });
}

test('R18: the log has neither the token of an invitation nor a query', async () => {
  let text = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const router = Router();
  router.get('/invite/:token', (_request, response) => {
    response.send('here');
  });
  const routers = new Map([['/api/v1', router]]);
  const app = serve(pino(sink), routers);
  await request(app).get(`/api/v1/invite/token_${'ab12'.repeat(16)}?email=jane@acme.example`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(text).toContain('/api/v1/invite/token_…');
  expect(text).not.toMatch(/ab12|jane/);
});

test('a path as long as a request may be takes no more than a short line of the log', async () => {
  let text = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const app = serve(pino(sink), []);
  await request(app)
    .get(`/${'long'.repeat(2_500)}`)
    .expect(404);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(text).toContain('/longlong');
  expect(text.length).toBeLessThan(1_000);
});

test('a failure of ours is a problem with a code and the request id, as the routes answer theirs', async () => {
  const router = Router();
  router.get('/broken', () => {
    throw new Error('a column is missing');
  });
  const routers = new Map([['/api/v1', router]]);
  const log = pino({ level: 'silent' });
  const app = serve(log, routers);
  const broken = await request(app).get('/api/v1/broken');
  expect(broken.type).toBe('application/problem+json');
  expect(broken.body).toMatchObject({ status: 500, code: 'internal', title: 'Internal Server Error' });
  expect(broken.body.requestId).toBe(broken.headers['x-request-id']);
  expect(broken.text).not.toContain('column');
  const nowhere = await request(app).get('/nowhere');
  expect(nowhere.body).toMatchObject({ status: 404, code: 'not_found', requestId: expect.any(String) });
});
