import { expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { z } from 'zod';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { setRequestContext } from '../http/request-context.ts';
import type { Authentication } from './authentication.ts';
import type { Idempotency } from './idempotency.ts';
import { type Route, route } from './route.ts';
import { createAdminRouter } from './router.ts';

/** Serves routes without sessions, keys and repeated requests. */
function serve(declared: Route, onUndeclared: (message: string) => void = () => undefined) {
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
      locate: () => undefined,
      onUndeclared,
    }),
  );
  return app;
}

test('an answer holds only what its route declares, however deep', async () => {
  const declared = route({
    method: 'GET',
    path: '/things',
    tag: 'Things',
    summary: 'Read things',
    access: 'public',
    answers: { 200: z.object({ thing: z.object({ name: z.string() }) }) },
    handle: async () => ({ status: 200, body: { thing: { name: 'a', hash: 'b' }, secret: 'c' } }),
  });
  expect((await request(serve(declared)).get('/things')).body).toEqual({ thing: { name: 'a' } });
});

const change = {
  method: 'POST',
  path: '/things',
  tag: 'Things',
  summary: 'Change things',
  access: 'public',
  answers: { 200: z.object({ name: z.string() }) },
} as const;

test('a change that is answered with what its route does not declare is answered as done, without the body', async () => {
  const answers = [
    { status: 201, body: { secret: 'c' } },
    { status: 200, body: { name: 7, secret: 'c' } },
  ] as const;
  for (const answer of answers) {
    const reported: string[] = [];
    const declared = route({ ...change, handle: async () => answer as { status: 200 } });
    const { status, text } = await request(serve(declared, (message) => reported.push(message))).post(
      '/things',
    );
    expect([status, text]).toEqual([answer.status, '']);
    expect(reported).toEqual([expect.stringMatching(/^POST \/things answers 20[01]/)]);
  }
});

test('a rejection that its route does not declare is answered, and reported', async () => {
  const reported: string[] = [];
  const declared = route({
    ...change,
    errors: ['expired'],
    handle: async () => {
      throw new DomainError('last_owner', 'This is the last owner.');
    },
  });
  const { status, body } = await request(serve(declared, (message) => reported.push(message))).post(
    '/things',
  );
  expect([status, body.code]).toEqual([409, 'last_owner']);
  expect(reported).toEqual(['POST /things rejects with last_owner, which it does not declare.']);
});

test('a declaration types what its handler gets and may answer', () => {
  // Never called. `npm run types` fails where an expected error does not occur.
  const compiled = () => {
    const shared = { method: 'GET', tag: 'Things', summary: 'Read things' } as const;
    const answers = { 204: 'nothing' } as const;
    const done = { status: 204 } as const;
    const path = '/users/{id}/things/{name}';
    route({
      ...shared,
      path,
      access: 'signed in',
      params: { id: 'user' },
      answers,
      handle: async ({ by, session, params: { id, name } }) => {
        const user: UserId = id;
        const text: string = name;
        // @ts-expect-error: what is no id of a user is none.
        const other: UserId = name;
        // @ts-expect-error: a key has no session.
        session.id satisfies string;
        return by.rights.id === user && text === other ? done : done;
      },
    });
    // @ts-expect-error: a name that is not in the path.
    route({ ...shared, path, access: 'signed in', answers, handle: async ({ params: { key } }) => key });
    route({
      ...shared,
      path,
      access: 'signed in',
      sessionOnly: true,
      answers,
      handle: async ({ session }) => {
        session.id satisfies string;
        return done;
      },
    });
    // @ts-expect-error: no one calls a public route.
    route({ ...shared, path, access: 'public', answers, handle: async ({ by }) => by && done });
    // @ts-expect-error: a status that is not declared.
    route({ ...shared, path, access: 'public', answers, handle: async () => ({ status: 200 }) });
    // @ts-expect-error: a code that no rejection has.
    route({ ...shared, path, access: 'public', answers, errors: ['no_such'], handle: async () => done });
  };
  expect(compiled).toBeInstanceOf(Function);
});
