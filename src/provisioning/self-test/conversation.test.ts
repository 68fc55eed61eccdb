import { expect, test } from '@jest/globals';
import { converse, type TestAnswer, type TestRequest } from './conversation.ts';

const answer = (status: number, body: unknown = undefined): TestAnswer => ({
  status,
  ms: 1,
  body,
  error: undefined,
  quirks: [],
});

test('requests that need what a failed one should have created are skipped, the others are sent', async () => {
  const sent: TestRequest[] = [];
  const results = await converse('okta', 'abc', async (request) => {
    sent.push(request);
    if (request.method === 'POST' && request.path === '/Users') {
      return { ...answer(409), error: { code: 'user_name_taken', detail: 'Taken.' } };
    }
    if (request.method === 'POST') return answer(201, { id: 'g-1' });
    if (request.method === 'DELETE') return answer(204);
    return answer(200, { totalResults: 0 });
  });
  const byName = new Map(results.map((result) => [result.name, result]));
  expect(byName.get('Create the person')).toMatchObject({
    outcome: 'failed',
    status: 409,
    error: { code: 'user_name_taken', remedy: expect.stringContaining('userName') },
  });
  expect(byName.get('Deactivate the person')).toMatchObject({ outcome: 'skipped', status: null, ms: null });
  expect(byName.get('Add the person to the group')?.outcome).toBe('skipped');
  expect(byName.get('Delete the group')?.outcome).toBe('passed');
  expect(JSON.stringify(sent)).not.toContain('{person}');
  expect(sent.at(-1)?.path).toBe('/Groups/g-1');
});

test('an answer of the right status with the wrong content has failed, in a sentence', async () => {
  const results = await converse('entra', 'abc', async ({ method }) =>
    method === 'GET' ? answer(200, { totalResults: 3, active: true }) : answer(201, { id: '1' }),
  );
  expect(results.find(({ name }) => name === 'Look for the person, who is here now')?.error?.detail).toBe(
    'The search found 3 where it should have found 1.',
  );
  expect(results.find(({ name }) => name === 'Delete the group')?.error?.detail).toBe(
    'The status is 201, not 204.',
  );
});

test('Okta deletes no user, Entra ID does', async () => {
  const namesOf = async (provider: 'okta' | 'entra') =>
    (await converse(provider, 'abc', async () => answer(200, { id: '1' }))).map(({ name }) => name);
  expect(await namesOf('okta')).not.toContain('Delete the person');
  expect(await namesOf('entra')).toContain('Delete the person');
});
