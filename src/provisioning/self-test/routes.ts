import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import type { SelfTest } from './commands.ts';
import { SELF_TEST_PROVIDERS } from './conversation.ts';

const providers = z.enum(SELF_TEST_PROVIDERS, {
  error: `must be ${SELF_TEST_PROVIDERS.join(' or ')}.`,
});

export const selfTestShape = z
  .object({
    provider: providers.meta({ description: 'Whose requests were sent.' }),
    passed: z.boolean().meta({ description: 'Whether no request and no check failed.' }),
    sentence: z.string().meta({
      description: 'The result in one sentence.',
      example: 'All 18 requests were answered as the provider needs it. Nothing was changed.',
    }),
    ms: z.int().meta({ description: 'Milliseconds that the requests took.', example: 140 }),
    checks: z
      .array(
        z.object({
          name: z.enum(['address', 'token', 'rate', 'mode']).meta({
            description: 'address: what the provider is given; token; rate: limits; mode: a dry run.',
          }),
          state: z.enum(['passed', 'warning', 'failed']).meta({ description: 'What came of it.' }),
          sentence: z.string().meta({
            description: 'What is so, and what to do where it is not right.',
            example: 'A token works for another 40 days.',
          }),
        }),
      )
      .meta({ description: 'What the connection needs of the server.' }),
    steps: z
      .array(
        z.object({
          name: z.string().meta({ description: 'What it does, in words.', example: 'Create the person' }),
          method: z.string().meta({ description: 'The method of the request.', example: 'POST' }),
          path: z.string().meta({
            description: 'Below the SCIM base URL; {person} and {group} stand for ids that are made up.',
            example: '/Users',
          }),
          outcome: z.enum(['passed', 'failed', 'skipped']).meta({
            description: 'skipped: what it needs was not created, since an earlier request failed.',
          }),
          status: z.int().nullable().meta({ description: 'Null if it was skipped.', example: 201 }),
          ms: z.number().nullable().meta({ description: 'Milliseconds; null if skipped.', example: 4.2 }),
          quirks: z.array(z.string()).meta({
            description: 'What was tolerated: quirks without which it would have been read otherwise.',
            example: [],
          }),
          error: z
            .object({
              code: z.string().nullable().meta({ description: 'Which rule rejected it.' }),
              detail: z.string().meta({ description: 'The sentence that the provider would be sent.' }),
              meaning: z.string().meta({ description: 'What that means.' }),
              remedy: z.string().meta({ description: 'What to do about it.' }),
            })
            .nullable()
            .meta({ description: 'Null if it did not fail.' }),
        }),
      )
      .meta({ description: 'The requests in their order.' }),
  })
  .meta({ id: 'ScimSelfTest' });

export const selfTestBody = z.strictObject({
  provider: providers.optional().meta({
    description: 'Whose requests are sent; that of the connection’s name by default, else okta.',
  }),
});

/** A connection tries itself. */
export function selfTestRoutes({ selfTest }: { readonly selfTest: SelfTest }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/scim/connections/{id}/self-test',
      tag: 'SCIM',
      summary: 'Run the self-test of a connection',
      description:
        'Answers the requests that a provider sends when it assigns one person and pushes one group, with the settings of the connection, in one transaction that is rolled back; and checks the address, the tokens and the limits. It changes nothing, sends nothing, and is neither in the provisioning log nor in the health of the connection.',
      access: 'scim:manage',
      params: { id: 'scim_connection' },
      body: selfTestBody,
      answers: { 200: selfTestShape },
      handle: async ({ by, params: { id }, body }) => ({
        status: 200,
        body: await selfTest(by, id, body.provider),
      }),
    }),
  ];
}
