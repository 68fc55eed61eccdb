import { countOf, minutesInWords } from '../platform/counts.ts';
import { writtenTime } from '../platform/time.ts';
import { EVENTS, type EventAction } from './catalogue.ts';
import type { EventDeclaration, TargetType } from './declaration.ts';

/** What an event has to say, with the names that its sentence shows. */
export interface SpokenEvent {
  readonly action: EventAction;
  readonly actor: string;
  readonly target: string;
  readonly targetType: TargetType;
  readonly member: string;
  /** Which of the two others is the actor. */
  readonly self?: readonly ('target' | 'member')[];
  readonly changes: {
    readonly attributes?: readonly string[];
    readonly values?: Readonly<Record<string, readonly [unknown, unknown]>>;
  } | null;
  readonly reason: string | null;
}

/**
 * Says an event in one sentence: "Ada Admin changed the role of Jane Doe from readonly to configure, because “…”."
 * A part of the declared sentence in brackets is left out where a value of it is missing. `{kind.before}` is the earlier
 * value of `kind`, `{kind.words}` a code as words, `{items, item}` a number with its noun.
 */
export function sentenceOf(event: SpokenEvent): string {
  const { sentence: usual, sentenceAbout }: EventDeclaration = EVENTS[event.action];
  const declared = sentenceAbout?.[event.targetType] ?? usual;
  const sentence = (event.self ?? []).reduce(aboutThemselves, declared);
  const said = sentence
    .replaceAll(/\[([^\]]*)\]/g, (_all, part: string) => fill(part, event) ?? '')
    .replaceAll(PLACE, (_all, name: string) => wordFor(name, event) ?? 'something');
  const because =
    event.reason === null ? '' : `, because “${event.reason.replaceAll(/\s+/g, ' ').replace(/\.$/, '')}”`;
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${because}.`;
}

/** `{target}`, `{kind.words}`, `{dead, dead job}`. */
const PLACE = /\{([\w., ]+)\}/g;

/** Does not name the actor a second time: "for themselves", "their own role"; what changes as a whole is the account. */
function aboutThemselves(sentence: string, party: 'target' | 'member'): string {
  if (!sentence.startsWith('{actor}')) return sentence;
  const owned = new RegExp(`\\b(?:(?:the|an?) ([\\w -]+?)|(sessions)) of \\{${party}\\}`, 'g');
  return sentence
    .replaceAll(owned, 'their own $1$2')
    .replace(new RegExp(`^(\\{actor\\} \\w+) \\{${party}\\}(?=$|\\[)`), '$1 their own account')
    .replaceAll(`which {${party}} owns`, 'which they own')
    .replaceAll(`{${party}}`, 'themselves');
}

/** @returns undefined if a value of the part is missing */
function fill(part: string, event: SpokenEvent): string | undefined {
  const words = [...part.matchAll(PLACE)].map(([, name = '']) => wordFor(name, event));
  if (words.includes(undefined)) return undefined;
  let next = 0;
  return part.replaceAll(PLACE, () => words[next++] ?? '');
}

function wordFor(name: string, { actor, target, member, changes }: SpokenEvent): string | undefined {
  switch (name) {
    case 'actor':
      return actor;
    case 'target':
      return target;
    case 'member':
      return member;
    case 'attributes':
      return listed(changes?.attributes);
    case 'values':
      return listed(
        Object.entries(changes?.values ?? {}).map(([field, [before, after]]) =>
          word(before) === undefined
            ? `${field} ${word(after) ?? 'none'}`
            : `${field} ${word(before)} → ${word(after) ?? 'none'}`,
        ),
      );
    default: {
      const [place = '', noun, nouns] = name.split(', ');
      const [field = '', side] = place.split('.');
      const values = new Map(Object.entries(changes?.values ?? {})).get(field);
      const value = values?.[side === 'before' ? 0 : 1];
      if (typeof value === 'number' && noun !== undefined) return countOf(value, noun, nouns);
      if (typeof value === 'number' && side === 'span') return minutesInWords(value);
      const said = word(value);
      return side === 'words' ? (SPELLED.get(said ?? '') ?? said?.replaceAll('_', ' ')) : said;
    }
  }
}

/** Codes that are written otherwise. */
const SPELLED: ReadonlyMap<string, string> = new Map([
  ['saml', 'SAML'],
  ['oidc', 'OpenID Connect'],
  ['invitation', 'an invitation'],
  ['failed_sign_ins', 'failed sign-ins locked the account'],
  ['new_location', 'sign-in from a new network'],
  ['password_spraying', 'passwords tried on many accounts'],
  ['off_hours', 'sign-in outside working hours'],
  ['query_volume', 'unusual number of queries'],
  ['mass_change', 'access taken from many at once'],
  ['expiring', 'something expires soon'],
  ['silent_connection', 'silent SCIM connection'],
  ['failing_stream', 'audit stream fails'],
  ['missing_domain_record', 'domain record is gone'],
  ['false_positive', 'not suspicious'],
]);

const MOST_LISTED = 8;

function listed(words: readonly string[] | undefined): string | undefined {
  if (words === undefined || words.length === 0) return undefined;
  const shown = words.slice(0, MOST_LISTED).join(', ');
  return words.length > MOST_LISTED ? `${shown} and ${words.length - MOST_LISTED} more` : shown;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A value as a word; undefined for none. */
function word(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value))) {
    return writtenTime(value);
  }
  if (typeof value === 'string') return value.length > 200 ? `${value.slice(0, 200)}…` : value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `${value.length} of them`;
  return typeof value === 'object' ? 'other settings' : String(value);
}
