import type { Conversation, Exchange, ExpectedAnswer } from './exchange.ts';

/** What came of one exchange. */
export interface Outcome {
  readonly exchange: Exchange;
  /** Undefined if it was not sent, since no earlier answer gave what it needs. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** What is not as expected, in sentences; none if all is well. */
  readonly mismatches: readonly string[];
}

interface ReplayOptions {
  /** The SCIM base URL, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly onExchange?: (outcome: Outcome) => void;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Okta's patience. */
const TIMEOUT_MS = 60_000;

/** What a conversation starts with. */
export function startVariables({ baseUrl, token }: Pick<ReplayOptions, 'baseUrl' | 'token'>): Variables {
  return new Map([
    ['baseUrl', baseUrl],
    ['token', token],
  ]);
}

/**
 * Sends a conversation's requests in their order and compares the answers. An answer that is not as expected does not
 * end it: what depends on it fails by itself.
 * @throws Error if the server does not answer
 */
export async function replay(
  conversation: Conversation,
  { onExchange, ...start }: ReplayOptions,
): Promise<readonly Outcome[]> {
  const variables = startVariables(start);
  const outcomes: Outcome[] = [];
  for (const exchange of conversation.exchanges) {
    const outcome = await perform(exchange, variables);
    outcomes.push(outcome);
    onExchange?.(outcome);
  }
  return outcomes;
}

/**
 * Sends one request and compares its answer.
 * @param variables get what the answer gives
 * @param expected what the exchange expects, unless another answer is
 * @throws Error if the server does not answer
 */
export async function perform(
  exchange: Exchange,
  variables: Variables,
  expected: ExpectedAnswer = exchange.expect,
): Promise<Outcome> {
  const start = performance.now();
  let request: Exchange['request'];
  try {
    request = fill(exchange.request, variables);
  } catch (error) {
    return { exchange, status: undefined, milliseconds: 0, mismatches: [(error as Error).message] };
  }
  const answer = await send(request, variables.get('baseUrl') ?? '');
  const milliseconds = performance.now() - start;
  return { exchange, status: answer.status, milliseconds, mismatches: compare(answer, expected, variables) };
}

async function send({ method, path, headers, body }: Exchange['request'], baseUrl: string): Promise<Answer> {
  try {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers,
      // As bytes: for a string, fetch would set the content type text/plain.
      ...(body === undefined
        ? {}
        : { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (cause) {
    throw new Error(`${baseUrl} does not answer to ${method} ${path}.`, { cause });
  }
}

function compare(
  { status, headers, text }: Answer,
  expected: ExpectedAnswer,
  variables: Variables,
): string[] {
  if (status !== expected.status)
    return [`the status should be ${expected.status}, is ${status}: ${text.slice(0, 500)}`];
  if (status === 204 && text !== '') return [`a 204 should have no body, has ${text.slice(0, 500)}`];
  const body = parse(text);
  for (const [name, path] of Object.entries(expected.capture ?? {})) {
    const value = valueAt(body, path);
    if (typeof value !== 'string')
      return [`\${${name}} should be at ${path} of the body: ${text.slice(0, 500)}`];
    variables.set(name, value);
  }
  const { headers: wanted = {}, body: wantedBody } = fill(expected, variables);
  return [
    ...Object.entries(wanted).flatMap(([name, value]) =>
      differences(value, headers.get(name), `the header ${name}`),
    ),
    ...(wantedBody === undefined ? [] : differences(wantedBody, body)),
  ];
}

/** @returns the JSON value; other text unchanged */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Returns where a body is not what it should be. An object must have what is expected of it and may have more; an array
 * must have as many elements, each as expected, in that order; `null` expects no value: null, an empty array or
 * nothing (RFC 7643 §2.5).
 */
function differences(expected: unknown, actual: unknown, at = 'body'): string[] {
  if (expected === null)
    return isUnassigned(actual) ? [] : [`${at} should have no value, is ${show(actual)}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${at} should be an array, is ${show(actual)}`];
    if (expected.length !== actual.length) {
      return [`${at} should have ${expected.length} elements, has ${actual.length}: ${show(actual)}`];
    }
    return expected.flatMap((element, index) => differences(element, actual[index], `${at}[${index}]`));
  }
  if (typeof expected === 'object') {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      return [`${at} should be an object, is ${show(actual)}`];
    }
    return Object.entries(expected as object).flatMap(([name, part]) =>
      differences(part, (actual as Record<string, unknown>)[name], `${at}.${name}`),
    );
  }
  return expected === actual ? [] : [`${at} should be ${show(expected)}, is ${show(actual)}`];
}

function isUnassigned(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > 300 ? `${text.slice(0, 297)}…` : text;
}

/** What earlier answers gave, and what a run starts with (`baseUrl`, `token`). */
export type Variables = Map<string, string>;

/**
 * Fills in every `${name}` of the strings in a JSON value.
 * @throws Error if nothing has that name
 */
function fill<Value>(value: Value, variables: ReadonlyMap<string, string>): Value {
  return filled(value, variables) as Value;
}

function filled(value: unknown, variables: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return fillText(value, variables);
  if (Array.isArray(value)) return value.map((each) => filled(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, variables)]));
}

function fillText(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`\${${name}} is not known: no earlier answer gave it.`);
    return value;
  });
}

/** @returns the value at a path of names and positions: `Resources.0.id`; undefined if nothing is there */
function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
