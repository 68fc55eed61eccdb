/** A body that is not JSON as RFC 8259 means it, or that two readers could read differently. */
export class MalformedJson extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedJson';
  }
}

const MAX_DEPTH = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body as JSON. Stricter than `JSON.parse`: the bytes must be UTF-8, no object may name a member
 * twice (readers disagree on which one to use), and nesting is bounded.
 * @throws MalformedJson with a sentence for the client
 */
export function parseJson(bytes: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new MalformedJson('The body is not valid UTF-8.');
  }
  const { members, depth } = survey(text);
  if (depth > MAX_DEPTH) throw new MalformedJson(`The body nests more than ${MAX_DEPTH} levels deep.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedJson(
      text.trim() === '' ? 'The body is empty: send JSON.' : 'The body is not valid JSON.',
    );
  }
  if (countMembers(value) !== members)
    throw new MalformedJson('An object in the body has the same name twice.');
  return value;
}

/** Counts what `JSON.parse` would hide: the colons outside strings are the members that were written. */
function survey(text: string): { members: number; depth: number } {
  let [members, depth, deepest, inString] = [0, 0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return { members, depth: deepest };
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + countMembers(element), 0);
  const members = Object.values(value);
  return members.reduce<number>((sum, member) => sum + countMembers(member), members.length);
}
