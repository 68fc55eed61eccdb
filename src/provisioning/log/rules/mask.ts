import type { BodyState } from '../entry.ts';

export const MASKED = '[masked]';

/** Words in a name, in any case, that make what is under it a secret. */
const PLAIN_WORDS = [
  'passw',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'token',
  'credential',
  'authorization',
  'bearer',
  'cookie',
];
const SECRET_WORDS = [...PLAIN_WORDS, '(?:api|private)[-_ ]?key'].join('|');

/** A text without any of these, in lower case, has no such word; looking for them is faster than the pattern. */
const PARTS_OF_WORDS = [...PLAIN_WORDS.filter((word) => !word.startsWith('pass')), 'pass', 'key'];

/** Bytes of a body in which secrets can be masked; a larger one that names a secret is withheld. */
const MAX_PARSED = 256 * 1024;

/** A body whose secrets are masked. */
export interface MaskedBody {
  /** Undefined if there is none, or none that may be kept. */
  readonly text: string | undefined;
  readonly state: BodyState;
  /** What was masked, to be looked for in whatever repeats it. */
  readonly secrets: readonly string[];
}

export const NO_BODY: MaskedBody = { text: undefined, state: 'none', secrets: [] };
const WITHHELD: MaskedBody = { text: undefined, state: 'withheld', secrets: [] };

export interface Masker {
  /** @param body bytes, or the text of an answer @param isComplete false where only its beginning is known */
  maskBody(body: Buffer | string, isComplete?: boolean): MaskedBody;
  /** Decodes a query, and masks what a parameter is or a filter compares with, if it names a secret. */
  maskQuery(query: string): MaskedQuery;
}

export interface MaskedQuery {
  readonly text: string;
  readonly secrets: readonly string[];
}

/**
 * Builds the masking of what is kept of requests. It errs on the side of masking: a name that contains a word for a
 * secret is enough, at any depth and in any case, and what cannot be read is left out if it mentions one.
 * @param secretNames names of attributes that schemas declare as never returned
 */
export function createMasker(secretNames: Iterable<string>): Masker {
  const own = new Set([...secretNames].map((name) => name.toLowerCase()));
  const literal = [...own].map((name) => name.replaceAll(/[^\w]/g, '\\$&'));
  const named = new RegExp([SECRET_WORDS, ...literal].join('|'), 'i');
  const parts = [...PARTS_OF_WORDS, ...own];
  const suspicious = {
    test: (text: string): boolean => {
      const lower = text.toLowerCase();
      return parts.some((part) => lower.includes(part)) && named.test(text);
    },
  };
  const words = new RegExp(SECRET_WORDS, 'i');

  const isSecretName = (name: string): boolean =>
    suspicious.test(name) &&
    (words.test(name) ||
      name
        .toLowerCase()
        .split(/[^\w$-]+/)
        .some((part) => own.has(part)));

  const maskText = (text: string): string => {
    if (!suspicious.test(text)) return text;
    // JSON in a string, as Entra ID sends roles, is not looked into.
    return /^\s*[{[]/.test(text) ? MASKED : maskComparisons(text);
  };

  const mask = (value: unknown, isSecret: boolean, secrets: string[]): unknown => {
    if (value === null) return null;
    if (Array.isArray(value)) return value.map((each) => mask(each, isSecret, secrets));
    if (typeof value === 'object') {
      const members = Object.entries(value);
      const names = members.some(
        ([name, path]) => name.toLowerCase() === 'path' && typeof path === 'string' && isSecretName(path),
      );
      return Object.fromEntries(
        members.map(([name, member]) => [
          name,
          mask(member, isSecret || isSecretName(name) || (names && name.toLowerCase() === 'value'), secrets),
        ]),
      );
    }
    if (isSecret) {
      if (typeof value !== 'boolean') secrets.push(String(value));
      return MASKED;
    }
    if (typeof value !== 'string') return value;
    const masked = maskText(value);
    if (masked !== value) secrets.push(...quotedIn(value));
    return masked;
  };

  return {
    maskBody: (body, isComplete = true) => {
      const isLarge = body.length > MAX_PARSED;
      const text = typeof body === 'string' ? body : body.toString(isLarge ? 'latin1' : 'utf8');
      if (text === '') return NO_BODY;
      // What is not text could be a secret in another encoding.
      if (text.includes('\0') || (!isLarge && text.includes('\ufffd'))) return WITHHELD;
      if (!suspicious.test(text) && !text.includes('\\u')) {
        return { text: typeof body === 'string' ? text : body.toString('utf8'), state: 'whole', secrets: [] };
      }
      if (isLarge || !isComplete) return WITHHELD;
      try {
        const secrets: string[] = [];
        const before: unknown = JSON.parse(text);
        const after = JSON.stringify(mask(before, false, secrets));
        if (after === JSON.stringify(before)) return { text, state: 'whole', secrets };
        return { text: after, state: 'masked', secrets };
      } catch {
        return WITHHELD;
      }
    },

    maskQuery: (query) => {
      const secrets: string[] = [];
      // Decoded one by one: a value may contain what separates parameters.
      const parts = query.split('&').map((part) => {
        const text = decodeText(part);
        if (!suspicious.test(text)) return text;
        const name = text.split('=', 1)[0] ?? '';
        if (isSecretName(name) && text.length > name.length) {
          secrets.push(text.slice(name.length + 1));
          return `${name}=${MASKED}`;
        }
        secrets.push(...quotedIn(text));
        return maskComparisons(text);
      });
      return { text: parts.join('&'), secrets };
    },
  };
}

/** A part of an address in the characters that it means; as it is where it means none. */
export function decodeText(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const COMPARISON = /(\b(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+)("(?:[^"\\]|\\.)*"?|[^\s)\]]+)/gi;

/** Masks every value in a filter. */
function maskComparisons(filter: string): string {
  return filter.replaceAll(COMPARISON, `$1"${MASKED}"`);
}

function quotedIn(filter: string): string[] {
  return [...filter.matchAll(COMPARISON)].map(([, , value = '']) => value.replaceAll(/^"|"$/g, ''));
}

/** How much of a secret's beginning gives it away in an error that cut it; tokens begin alike. */
const startOf = (secret: string): string => secret.slice(0, Math.max(8, Math.min(24, secret.length >> 1)));

/** Builds what takes secrets out of texts that may repeat them, whole or cut. */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 3 && secret !== MASKED);
  const takers = known.map((secret) => {
    const inJson = JSON.stringify(secret).slice(1, -1);
    const start = secret.length > 8 ? startOf(secret) : secret;
    return (text: string): string => {
      // Most texts hold nothing of it: one look is enough.
      if (inJson === secret && !text.includes(start)) return text;
      const rest = text.replaceAll(secret, MASKED).replaceAll(inJson, MASKED);
      return start === secret ? rest : withoutBeginning(start, rest);
    };
  });
  return (text) => takers.reduce((left, take) => take(left), text);
}

/** Takes out a beginning with all that follows up to a quote. */
function withoutBeginning(start: string, text: string): string {
  const [first = '', ...rest] = text.split(start);
  return [first, ...rest.map((part) => part.replace(/^[^"]*/, ''))].join(MASKED);
}
