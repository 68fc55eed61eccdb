import { describe, expect, test } from '@jest/globals';
import { detectOffHours, hoursOf, isOffHours, type WorkingHours } from './off-hours.ts';

const hours: WorkingHours = {
  timeZone: 'Europe/Berlin',
  days: [1, 2, 3, 4, 5],
  from: '07:00',
  to: '20:00',
  holidays: ['2026-12-25'],
};

describe('R114 working hours', () => {
  test.each<[string, string, boolean]>([
    ['a Monday morning in Berlin', '2026-11-30T06:00:00.000Z', false],
    ['one minute before they begin', '2026-11-30T05:59:00.000Z', true],
    ['the minute in which they end', '2026-11-30T19:00:00.000Z', true],
    ['a Sunday', '2026-11-29T10:00:00.000Z', true],
    ['a holiday', '2026-12-25T10:00:00.000Z', true],
    ['the first day of summer time, at seven', '2026-03-30T05:00:00.000Z', false],
  ])('%s', (_name, at, off) => {
    expect(isOffHours(at, hours)).toBe(off);
  });

  test('may go over midnight', () => {
    const night = { ...hours, from: '22:00', to: '06:00' };
    expect(isOffHours('2026-11-30T23:00:00.000Z', night)).toBe(false);
    expect(isOffHours('2026-11-30T12:00:00.000Z', night)).toBe(true);
  });

  test('a sign-in outside of them opens an alert, unless the user mostly works then', () => {
    const at = '2026-11-29T22:00:00.000Z';
    expect(detectOffHours({ user: 'u', at }, [], [hours])).toMatchObject({
      kind: 'off_hours',
      severity: 'low',
    });
    const nights = Array.from({ length: 12 }, (_, day) => `2026-11-${10 + day}T23:00:00.000Z`);
    expect(detectOffHours({ user: 'u', at }, nights, [hours])).toBeUndefined();
    expect(detectOffHours({ user: 'u', at }, nights.slice(0, 9), [hours])).toBeDefined();
  });
});

describe('the hours that hold for a user (R114)', () => {
  const organization = { ...hours, enabled: true };
  const own = { ...hours, from: '20:00', to: '23:00', enabled: true };
  const early = { ...hours, from: '05:00', to: '12:00', enabled: true };
  const off = { ...hours, enabled: false };

  test.each([
    ['the organization’s', undefined, [], [organization]],
    ['their groups’ before the organization’s', undefined, [early, own], [early, own]],
    ['their own before all others', own, [early], [own]],
    ['none, if their own are not watched', off, [early], []],
    ['none, if those of a group are not watched', undefined, [early, off], []],
  ])('are %s', (_which, ofUser, ofGroups, expected) => {
    expect(hoursOf(ofUser, ofGroups, organization)).toEqual(expected);
  });

  test('within those of any group there is nothing unusual, outside of all there is', () => {
    const at = (time: string) => ({ user: 'u', at: `2026-11-30T${time}:00.000Z` });
    const both = [
      { ...early, timeZone: 'UTC' },
      { ...own, timeZone: 'UTC' },
    ];
    expect(detectOffHours(at('06:00'), [], both)).toBeUndefined();
    expect(detectOffHours(at('21:00'), [], both)).toBeUndefined();
    expect(detectOffHours(at('15:00'), [], both)).toBeDefined();
  });
});
