import { expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { z } from 'zod';
import { setRequestContext } from '../http/request-context.ts';
import type { Authentication } from './authentication.ts';
import type { Idempotency } from './idempotency.ts';
import { route } from './route.ts';
import { createAdminRouter } from './router.ts';

test('an answer contains only what its route declares, however deep', async () => {
  const declared = route({
    method: 'GET',
    path: '/things',
    tag: 'Things',
    summary: 'Read things',
    access: 'public',
    answers: { 200: z.object({ thing: z.object({ name: z.string() }) }) },
    handle: async () => ({ status: 200, body: { thing: { name: 'a', hash: 'b' }, secret: 'c' } }),
  });
  const app = express();
  app.use((_request, response, next) => {
    setRequestContext(response, { requestId: 'test' });
    next();
  });
  app.use(
    createAdminRouter({
      routes: [declared],
      authentication: {
        requireOwnOrigin: () => undefined,
        devices: { read: () => undefined },
      } as unknown as Authentication,
      idempotency: {} as Idempotency,
    }),
  );
  expect((await request(app).get('/things')).body).toEqual({ thing: { name: 'a' } });
});
