import { describe, expect, test } from '@jest/globals';
import type { OrgId } from '../directory/ids.ts';
import type { OutgoingDelivery } from './outgoing.ts';
import { composeMessage, signMessage } from './send.ts';

const now = new Date('2026-11-24T12:00:00.900Z');
const keys = [Buffer.alloc(32, 1)];

const delivery: OutgoingDelivery = {
  eventId: '019a0000-0000-7000-8000-000000000001',
  eventAt: '2026-11-24T11:59:58.123Z',
  type: 'group.member_added',
  attempts: 1,
  action: 'group.member_added',
  actorType: 'api_key',
  actorId: '019a0000-0000-7000-8000-00000000000a',
  via: 'api',
  reason: null,
  targetType: 'group',
  targetId: '019a0000-0000-7000-8000-000000000002',
  memberId: '019a0000-0000-7000-8000-000000000003',
  changes: null,
  lease: 'a lease',
  webhook: {
    org: '019a0000-0000-7000-8000-00000000000c' as OrgId,
    id: '019a0000-0000-7000-8000-00000000000b',
    url: 'https://siem.example/',
    sealedSecret: '',
    sealedPrevious: null,
  },
};

describe('composeMessage', () => {
  test('has type, time and ids, and of the actor only its id and interface', () => {
    expect(JSON.parse(composeMessage(delivery, keys, now).body)).toEqual({
      type: 'group.member_added',
      timestamp: '2026-11-24T11:59:58.123Z',
      data: {
        id: delivery.eventId,
        actor: { type: 'api_key', id: '019a0000-0000-7000-8000-00000000000a', via: 'api' },
        target: { type: 'group', id: delivery.targetId },
        memberId: delivery.memberId,
      },
    });
  });

  test('is named by the event and dated by the sending, in whole seconds', () => {
    expect(composeMessage(delivery, keys, now).headers).toMatchObject({
      'webhook-id': delivery.eventId,
      'webhook-timestamp': '1795521600',
    });
  });

  test('a derived event names its cause', () => {
    const derived = { ...delivery, type: 'permissions.changed' };
    expect(JSON.parse(composeMessage(derived, keys, now).body)).toMatchObject({
      type: 'permissions.changed',
      data: { cause: 'group.member_added' },
    });
  });

  test('leaves the changes out, and marks that, rather than exceed 20 kB', () => {
    const long = (length: number) => ({ ...delivery, changes: { reason: 'ü'.repeat(length) } });
    const { body } = composeMessage(long(15_000), keys, now);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
    expect(JSON.parse(body).data).toMatchObject({ id: delivery.eventId, changesOmitted: true });
    expect(JSON.parse(composeMessage(long(9_000), keys, now).body).data.changes.reason).toHaveLength(9_000);
  });
});

// Computed apart from this code: printf '%s' 'msg_1.1674087231.{"a":"ü"}' | openssl dgst -sha256 -hmac … -binary | base64
const EXPECTED = 'v1,YA0MnmSIe9/hKvQuBachZ4im13oCWPoiQJkO5egUREs=';
const key = Buffer.from('012345678901234567890123');

test('signs id, time and body as another implementation does', () => {
  expect(signMessage([key], 'msg_1', 1_674_087_231, '{"a":"ü"}')).toBe(EXPECTED);
});

test('gives a signature for each key, with a blank between them', () => {
  const both = signMessage(
    [Buffer.from('another key of 24 bytes.'), key],
    'msg_1',
    1_674_087_231,
    '{"a":"ü"}',
  );
  expect(both.split(' ')).toEqual([expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/), EXPECTED]);
});
