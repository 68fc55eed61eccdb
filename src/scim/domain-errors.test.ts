import { expect, test } from '@jest/globals';
import { DomainError } from '../directory/errors.ts';
import { toScimError } from './domain-errors.ts';

test('a resource with too many writers is 503 with whole seconds in Retry-After, which is all that Okta reads', () => {
  const error = toScimError(new DomainError('contended', 'Send this request again in a moment.', 2));
  expect(error).toMatchObject({ status: 503, scimType: undefined, headers: { 'Retry-After': '2' } });
});

test('an error whose words speak of a lost connection is unknown, not a database that is away', () => {
  expect(toScimError(new Error('Connection terminated unexpectedly'))).toBeUndefined();
});
