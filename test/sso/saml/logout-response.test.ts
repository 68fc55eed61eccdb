import { beforeAll, describe, expect, test } from '@jest/globals';
import { type IncomingMessage, verifyLogoutRequest, verifyLogoutResponse } from '../../../src/saml/logout.ts';
import {
  expecting,
  minutes,
  post,
  reasonOf,
  redirect,
  request,
  response,
  signed,
  status,
} from '../../support/saml/logout-messages.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';

let idp: Party;

beforeAll(async () => {
  idp = await makeParty();
});

const onRequest = (incoming: IncomingMessage) =>
  reasonOf(() => verifyLogoutRequest(incoming, expecting(idp)));
const onResponse = (incoming: IncomingMessage) =>
  reasonOf(() => verifyLogoutResponse(incoming, expecting(idp)));

describe.each([
  ['by redirect', (xml: string) => redirect(xml, idp, 'SAMLResponse')],
  ['by post', (xml: string) => post(signed(xml, idp))],
] as const)('an answer %s', (_, sent) => {
  test.each([
    [status('Success'), 'success', 'Success'],
    [status('Success', 'PartialLogout'), 'partial', 'Success PartialLogout'],
    [status('Responder', 'PartialLogout'), 'partial', 'Responder PartialLogout'],
    [status('Requester', 'RequestDenied'), 'failure', 'Requester RequestDenied'],
    [status('Responder').replace('status:', 'status:x:'), 'failure', 'unknown'],
  ])('with %s is a %s', (content, result, codes) => {
    expect(verifyLogoutResponse(sent(response({ content })), expecting(idp))).toMatchObject({
      id: '_m1',
      inResponseTo: '_q1',
      outcome: result,
      status: codes,
    });
  });

  test.each([
    ['to no request', { attributes: '' }, 'structure_unexpected'],
    ['without a status', { content: '' }, 'structure_unexpected'],
    ['without a code', { content: '<samlp:Status/>' }, 'structure_unexpected'],
    ['with two', { content: status('Responder') + status('Success') }, 'structure_unexpected'],
    ['of another issuer', { issuer: 'https://evil.example' }, 'issuer_mismatch'],
    ['for another address', { destination: 'https://other.example' }, 'destination_mismatch'],
    ['of eleven minutes ago', { issued: minutes(-11) }, 'too_late'],
    ['that is a request', { name: 'LogoutRequest' }, 'structure_unexpected'],
  ] as const)('%s is rejected', (_name, flaws, reason) => {
    expect(onResponse(sent(response(flaws)))).toBe(reason);
  });
});

test('an answer is no request, by whatever parameter it comes', () => {
  expect(onRequest(redirect(response(), idp, 'SAMLResponse'))).toBe('message_missing');
  expect(onResponse(redirect(request(), idp, 'SAMLRequest'))).toBe('message_missing');
  expect(onResponse(redirect(request(), idp, 'SAMLResponse'))).toBe('structure_unexpected');
  expect(onResponse(post(signed(request(), idp)))).toBe('structure_unexpected');
});
