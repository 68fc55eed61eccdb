import { expect, test } from '@jest/globals';
import { sentenceAbout } from './sentence.ts';

test.each([
  ['Amara Okafor', 'The user created the API key Nightly.', 'Amara Okafor created the API key Nightly.'],
  [
    'Alan Turing',
    '5 wrong passwords in a row locked the account.',
    'Alan Turing: 5 wrong passwords in a row locked the account.',
  ],
  ['Okta', 'Okta has sent no request since Monday.', 'Okta has sent no request since Monday.'],
  [undefined, 'The certificate expires on 4 December.', 'The certificate expires on 4 December.'],
])('of %s: %s', (whom, why, sentence) => {
  expect(sentenceAbout(whom, why)).toBe(sentence);
});
