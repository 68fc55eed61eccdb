import type { Route } from '../route.ts';
import { acceptsProof } from '../shapes.ts';
import type { Json } from './annotations.ts';

const header = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string', examples: [example] },
});

const REQUEST_ID = header(
  'Names the request: quote it when you ask for help.',
  '019a0f3c-7d2e-7c51-9b1a-3f2a6d0c8e41',
);

/** Headers of every rejection. */
export const PROBLEM_HEADERS: Json = {
  'X-Request-Id': REQUEST_ID,
  'Retry-After': header('With 429 and 503: the seconds after which to try again.', '30'),
};

/** Whether a change of what a route is about can be held to a version. */
const isVersioned = ({ errors: refusals = [] }: Route): boolean => refusals.includes('version_mismatch');

const parameter = (name: string, description: string, example: string, more: Json = {}): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', ...more, examples: [example] },
});

/** Headers that a route takes. */
export function requestHeaders(route: Route): Json[] {
  const { method, access, rawBody } = route;
  return [
    ...(isVersioned(route)
      ? [parameter('If-Match', 'The ETag that you have seen: a change since then is 412.', '"7"')]
      : []),
    ...(acceptsProof(route)
      ? [parameter('Rollcall-Step-Up', 'A stepUpToken, instead of one in the body.', 'v1.Jx0')]
      : []),
    ...(method === 'POST' && access !== 'public' && rawBody === undefined
      ? [
          parameter(
            'Idempotency-Key',
            'Sent again within a day with the same key, the request is not done again and answers the same.',
            'b2f0a9c4',
            { maxLength: 255 },
          ),
        ]
      : []),
  ];
}

/** Headers of an answer that is no rejection. */
export function responseHeaders({ etag, location, method, access, rawBody }: Route, status: number): Json {
  return {
    'X-Request-Id': REQUEST_ID,
    ...(etag === true ? { ETag: header('The version: for If-Match and If-None-Match.', '"7"') } : {}),
    ...(location === true && (status === 201 || status === 202)
      ? {
          Location: header(
            'The path of what was made.',
            '/api/v1/users/019a0f3c-7d2e-7c51-9b1a-3f2a6d0c8e41',
          ),
        }
      : {}),
    ...(method === 'POST' && access !== 'public' && rawBody === undefined
      ? { 'Idempotency-Replayed': header('true if the request had been done before.', 'true') }
      : {}),
  };
}
