import { badRequest, quote, type ScimType } from '../errors.ts';
import type { Filter, Literal, Operator, ValuePath } from './ast.ts';
import { MAX_LENGTH, MAX_LIST_LENGTH, type Token, tokenize, tooLong } from './lexer.ts';

/** How deep parentheses, brackets and `not` may nest, and how many comparisons and connectives a filter may have. */
const MAX_DEPTH = 32;
const MAX_NODES = 200;
/** How many values of one attribute a filter may list by `eq` and `or`: they become one comparison. */
const MAX_VALUES = 1_000;

const operators: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const attributePath = /^(urn:[^\s"]+:)?[A-Za-z$][\w$-]*(\.[A-Za-z$][\w$-]*)?$/i;

export interface ParseOptions {
  /** Reads an unquoted comparison value; without it one is an error (see the quirks). */
  readonly bareWord?: ((word: string) => string) | undefined;
}

/**
 * Parses a filter (RFC 7644 §3.4.2.2): grouping binds before `not`, `not` before `and`, `and` before `or`.
 * @throws ScimError 400 `invalidFilter` that says where
 */
export function parseFilter(text: string, options: ParseOptions = {}): Filter {
  const parser = createParser(tokenize(text, 'invalidFilter', MAX_LIST_LENGTH), 'invalidFilter', options);
  const filter = parser.disjunction(0);
  parser.expectEnd();
  if (text.length > MAX_LENGTH && !isListOfValues(filter)) throw tooLong(text, 'invalidFilter');
  return filter;
}

/**
 * Parses a PATCH path (RFC 7644 §3.5.2).
 * @throws ScimError 400 `invalidPath`
 */
export function parsePath(text: string, options: ParseOptions = {}): ValuePath {
  const parser = createParser(tokenize(text, 'invalidPath'), 'invalidPath', options);
  const path = parser.valuePath();
  parser.expectEnd();
  return path;
}

function createParser(tokens: readonly Token[], scimType: ScimType, options: ParseOptions) {
  let position = 0;
  let nodes = 0;
  let values = 0;
  const peek = () => tokens[position] as Token;
  const next = () => {
    const token = peek();
    if (token.kind !== 'end') position += 1;
    return token;
  };

  const fail = (token: Token, expected: string): Error =>
    badRequest(scimType, `Expected ${expected} at character ${token.at + 1}, found ${describe(token)}.`);

  const isWord = (word: string) => {
    const token = peek();
    return token.kind === 'word' && token.value.toLowerCase() === word;
  };

  const count = (depth: number) => {
    nodes += 1;
    if (nodes > MAX_NODES) throw badRequest(scimType, `The filter has more than ${MAX_NODES} parts.`);
    if (depth > MAX_DEPTH) throw badRequest(scimType, `The filter nests more than ${MAX_DEPTH} levels deep.`);
  };

  /** One more value of the attribute before it is no part of its own. */
  const countValue = () => {
    nodes -= 1;
    values += 1;
    if (values >= MAX_VALUES) throw badRequest(scimType, `The filter lists more than ${MAX_VALUES} values.`);
  };

  const expect = (kind: Token['kind']) => {
    const token = next();
    if (token.kind !== kind) throw fail(token, `"${kind}"`);
  };

  const expectEnd = () => {
    if (peek().kind !== 'end') throw fail(peek(), '"and", "or" or the end');
  };

  const attribute = (): string => {
    const token = next();
    if (token.kind !== 'word' || !attributePath.test(token.value)) throw fail(token, 'an attribute name');
    return token.value;
  };

  const literal = (): Literal => {
    const token = next();
    if (token.kind === 'string') return token.value;
    if (token.kind !== 'word') throw fail(token, 'a value');
    if (token.value === 'true' || token.value === 'false') return token.value === 'true';
    if (token.value === 'null') return null;
    if (number.test(token.value)) {
      const parsed = Number(token.value);
      if (!Number.isFinite(parsed)) throw fail(token, 'a number in range');
      return parsed;
    }
    if (token.value.startsWith("'")) throw fail(token, 'a string in double quotes');
    if (options.bareWord !== undefined) return options.bareWord(token.value);
    throw fail(token, 'a quoted string, a number, true, false or null');
  };

  const comparison = (path: string): Filter => {
    const token = next();
    const word = token.kind === 'word' ? token.value.toLowerCase() : undefined;
    if (word === 'pr') return { kind: 'present', path };
    if (word === undefined || !operators.has(word)) {
      throw fail(token, 'an operator (eq, ne, co, sw, ew, pr, gt, ge, lt, le)');
    }
    return { kind: 'compare', path, operator: word as Operator, value: literal() };
  };

  /** `path[filter]`, and what Entra ID sends: `path[filter].sub eq "x"`. */
  const bracketed = (path: string, depth: number): Filter => {
    expect('[');
    const filter = disjunction(depth + 1);
    expect(']');
    const token = peek();
    if (token.kind !== 'word' || !token.value.startsWith('.')) return { kind: 'some', path, filter };
    next();
    return { kind: 'some', path, filter: { kind: 'and', left: filter, right: comparison(subName(token)) } };
  };

  const subName = (token: Token & { kind: 'word' }): string => {
    const name = token.value.slice(1);
    if (!attributePath.test(name) || name.includes('.')) throw fail(token, 'a sub-attribute');
    return name;
  };

  const term = (depth: number): Filter => {
    count(depth);
    if (isWord('not') && tokens[position + 1]?.kind === '(') {
      next();
      return { kind: 'not', operand: group(depth) };
    }
    if (peek().kind === '(') return group(depth);
    const path = attribute();
    return peek().kind === '[' ? bracketed(path, depth) : comparison(path);
  };

  const group = (depth: number): Filter => {
    expect('(');
    const filter = disjunction(depth + 1);
    expect(')');
    return filter;
  };

  const conjunction = (depth: number): Filter => {
    let left = term(depth);
    while (isWord('and')) {
      next();
      left = { kind: 'and', left, right: term(depth) };
    }
    return left;
  };

  const disjunction = (depth: number): Filter => {
    let left = conjunction(depth);
    let listed = listedAttribute(left);
    while (isWord('or')) {
      next();
      const right = conjunction(depth);
      if (listed !== undefined && listed === listedAttribute(right)) countValue();
      listed = listedAttribute(right);
      left = { kind: 'or', left, right };
    }
    return left;
  };

  const valuePath = (): ValuePath => {
    const first = next();
    if (first.kind !== 'word') throw fail(first, 'an attribute name');
    const path = first.value;
    if (!attributePath.test(path)) throw fail(first, 'an attribute name');
    if (peek().kind !== '[') return { path, filter: undefined, sub: undefined };
    expect('[');
    const filter = disjunction(1);
    expect(']');
    const token = peek();
    if (token.kind !== 'word' || !token.value.startsWith('.')) return { path, filter, sub: undefined };
    next();
    return { path, filter, sub: subName(token) };
  };

  return { disjunction, valuePath, expectEnd };
}

/** The attribute of which a filter names a value by `eq`; undefined for every other filter. */
function listedAttribute(filter: Filter): string | undefined {
  const isListed = filter.kind === 'compare' && filter.operator === 'eq' && typeof filter.value === 'string';
  return isListed ? filter.path.toLowerCase() : undefined;
}

/** True for `attr eq "…" or attr eq "…"` of one attribute. */
function isListOfValues(filter: Filter): boolean {
  let rest = filter;
  const attribute = listedAttribute(rest.kind === 'or' ? rest.right : rest);
  while (rest.kind === 'or' && listedAttribute(rest.right) === attribute) rest = rest.left;
  return attribute !== undefined && rest !== filter && listedAttribute(rest) === attribute;
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.kind === 'string' || token.kind === 'word' ? quote(token.value) : `"${token.kind}"`;
}
