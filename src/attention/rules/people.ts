import { countOf } from '../../platform/counts.ts';
import { writtenDay, writtenTime } from '../../platform/time.ts';
import { UNUSED_DAYS } from '../../posture/rules/figures.ts';
import type { FoundPeople } from '../store/people.ts';
import { type AttentionItem, COUNTED, capped, countInWords, PLAIN } from './item.ts';

/** Days after which it is noticed that someone never signed in. */
export const JOINED_DAYS = 14;

/** `Ann, Ben and Cem`, `Ann, Ben, Cem and 9 others`. */
function namesInWords(names: readonly string[], found: number): string {
  if (found > COUNTED)
    return `${names.join(', ')} and more than ${(COUNTED - names.length).toLocaleString('en')} others`;
  const others = found - names.length;
  const all = others > 0 ? [...names, countOf(others, 'other')] : names;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

type Words = Pick<AttentionItem, 'kind' | 'severity' | 'title' | 'detail' | 'act'>;

const WORDS: Readonly<Record<FoundPeople['what'], (found: number, names: string, at: string) => Words>> = {
  invitations: (found, names, at) => ({
    kind: 'expired_invitations',
    severity: 'low',
    title: `${countInWords(found, 'invitation', 'invitations')} expired unused`,
    detail: `To ${names}. ${found === 1 ? 'It' : 'The last'} expired on ${writtenDay(at)}.`,
    act: 'resend_invitations',
  }),
  never: (found, names) => ({
    kind: 'never_signed_in',
    severity: 'low',
    title: `${countInWords(found, 'active person has', 'active people have')} never signed in`,
    detail: `${names}. ${found === 1 ? 'Their account is' : 'Their accounts are'} older than ${JOINED_DAYS} days.`,
    act: 'review_never_signed_in',
  }),
  inactive: (found, names, at) => ({
    kind: 'inactive_users',
    severity: 'low',
    title: `${countInWords(found, 'person has', 'people have')} not been active for ${UNUSED_DAYS} days`,
    detail: `${names}. ${found === 1 ? 'They were last' : 'The last of them was'} active on ${writtenTime(at)}.`,
    act: 'review_inactive',
  }),
};

/** People of whom something is true, as one item; undefined where it is true of no one. */
export function peopleItem({ what, found, names, at }: FoundPeople): AttentionItem | undefined {
  if (found === 0 || at === null) return undefined;
  return { ...PLAIN, ...capped(found), ...WORDS[what](found, namesInWords(names ?? [], found), at), at };
}
