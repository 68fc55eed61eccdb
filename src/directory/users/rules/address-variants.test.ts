import { expect, test } from '@jest/globals';
import { addressVariants } from './address-variants.ts';

test.each([
  ['Jane@Acme.Example', ['jane@acme.example'], ['jane@acme.example']],
  ['jane+1@acme.example', ['jane+1@acme.example'], ['jane@acme.example']],
  ['x@\uff4ait.example', ['x@\uff4ait.example', 'x@jit.example'], ['x@\uff4ait.example', 'x@jit.example']],
  ['x@xn--mnchen-3ya.example', ['x@xn--mnchen-3ya.example', 'x@münchen.example'], undefined],
])('%s is found by every way to write it', (email, spellings, untagged = spellings) => {
  expect(addressVariants(email)).toEqual({ spellings, untagged });
});
