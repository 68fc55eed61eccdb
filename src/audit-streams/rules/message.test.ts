import { expect, test } from '@jest/globals';
import { frameOf } from './message.ts';

const header = {
  at: '2026-11-28T09:30:00.123Z',
  failed: false,
  host: 'directory.example.com',
  organization: '01890000-0000-7000-8000-000000000001',
  action: 'user.created',
};

test('a message has the header of RFC 5424 behind the number of its octets', () => {
  const message =
    '<110>1 2026-11-28T09:30:00.123Z directory.example.com rollcall 01890000-0000-7000-8000-000000000001 user.created - {"a":1}';
  expect(frameOf(header, '{"a":1}').toString()).toBe(`${message.length} ${message}`);
});

test('octets are counted, not characters', () => {
  const frame = frameOf(header, '{"name":"Zoë 漢"}');
  const space = frame.indexOf(' ');
  expect(Number(frame.subarray(0, space).toString())).toBe(frame.length - space - 1);
});

test('a failure is a warning', () => {
  expect(frameOf({ ...header, failed: true }, '{}').toString()).toContain('<108>1 ');
});

test('a header holds nothing that would begin another part or line', () => {
  const text = frameOf({ ...header, host: 'a b\nc', organization: ' ' }, '{}').toString();
  expect(text).toContain(' abc rollcall - user.created - {}');
});

test('the name of an event is cut where RFC 5424 ends it', () => {
  expect(frameOf({ ...header, action: 'x'.repeat(40) }, '{}').toString()).toContain(
    ` ${'x'.repeat(32)} - {}`,
  );
});
