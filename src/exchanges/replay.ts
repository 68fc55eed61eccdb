import { differences } from './differences.ts';
import type { Conversation, Exchange, ExpectedAnswer } from './exchange.ts';
import { fill, type Variables, valueAt } from './variables.ts';

/** What came of one exchange. */
export interface Outcome {
  readonly exchange: Exchange;
  /** Undefined if it was not sent, since no earlier answer gave what it needs. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** What is not as expected, in sentences; none if all is well. */
  readonly mismatches: readonly string[];
}

export interface ReplayOptions {
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
