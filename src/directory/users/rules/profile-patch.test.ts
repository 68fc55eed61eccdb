import { expect, test } from '@jest/globals';
import { type ProfilePatch, patchProfile } from './profile-patch.ts';

const EXTENSION = 'urn:example:User';

/** Leaves out what is null, at both levels, as the schemas' reader does. */
const read = (patch: ProfilePatch) => JSON.parse(JSON.stringify(patch), (_, value) => value ?? undefined);
const patch = (before: ProfilePatch, change: ProfilePatch) => patchProfile(before, change, read);

test('sets what is named and keeps the rest', () => {
  expect(patch({ title: 'Engineer', locale: 'en' }, { title: 'Head' })).toEqual({
    title: 'Head',
    locale: 'en',
  });
});

test('removes what is null', () => {
  expect(patch({ title: 'Engineer', locale: 'en' }, { title: null })).toEqual({ locale: 'en' });
});

test('changes of an extension only what is named, and removes an extension that has become empty', () => {
  const before = { [EXTENSION]: { department: 'A', division: 'B' } };
  expect(patch(before, { [EXTENSION]: { department: null } })).toEqual({ [EXTENSION]: { division: 'B' } });
  expect(patch(before, { [EXTENSION]: { department: null, division: null } })).toEqual({});
  expect(patch({}, { [EXTENSION]: { department: 'C' } })).toEqual({ [EXTENSION]: { department: 'C' } });
});

test('replaces a list, and keeps what it does not know of an element that stays', () => {
  const mobile = { value: '1', type: 'mobile', primary: true };
  const before = { phoneNumbers: [mobile, { value: '2', type: 'work' }] };
  const phoneNumbers = [
    { value: '1', type: 'mobile' },
    { value: '3', type: 'work' },
  ];
  expect(patch(before, { phoneNumbers })).toEqual({ phoneNumbers: [mobile, phoneNumbers[1]] });
});
