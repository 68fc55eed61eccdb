import { timeOfUuidv7 } from '../../../platform/ids.ts';
import { truncate } from '../../../platform/truncate.ts';
import type { AnsweredRequest, KeptRequest } from '../entry.ts';
import { createScrubber, decodeText, MASKED, type MaskedBody, type Masker, NO_BODY } from './mask.ts';
import { mentionsIn } from './mentions.ts';

/** Characters that are kept of a body. */
const MAX_BODY_KEPT = 16 * 1024;
/**
 * The answer to a read that succeeded is not kept: there are many, and the directory has what they show. Nor are the bodies
 * of a Bulk: its operations have theirs, each emptied with the user whom it names.
 */
const OMITTED: MaskedBody = { text: undefined, state: 'omitted', secrets: [] };
/** Of a body that is cut, names are looked for so far behind the cut: the cut may go through one. */
const BEHIND_CUT = 600;
const MAX_PATH = 500;
const MAX_TEXT = 2_000;
const MAX_LIST = 50;

/** Makes the row that is written of a request: secrets masked, bodies cut, and whom it is about. */
export function toKeptRequest(request: AnsweredRequest, masker: Masker): KeptRequest {
  const { exchange, method, status, token } = request;
  const isRead = status < 400 && (method === 'GET' || method === 'HEAD');
  const isBulk = exchange.bulk !== undefined;
  const sent = exchange.sent === undefined ? NO_BODY : isBulk ? OMITTED : masker.maskBody(exchange.sent);
  const { answered } = exchange;
  const head = answered?.text.slice(0, MAX_BODY_KEPT + BEHIND_CUT);
  const answer =
    head === undefined
      ? NO_BODY
      : isRead || isBulk
        ? OMITTED
        : masker.maskBody(head, head.length === answered?.characters);
  const query = request.query === undefined ? undefined : masker.maskQuery(request.query);
  const scrub = createScrubber([
    ...(token === undefined ? [] : [token]),
    ...sent.secrets,
    ...(query?.secrets ?? []),
    ...answer.secrets,
  ]);
  const clean = (text: string, length: number): string => truncate(scrub(text).replaceAll('\0', ''), length);
  const cleanOrNull = (text: string | undefined, length: number) =>
    text === undefined ? null : clean(text, length);

  const bodies = [kept(sent, MAX_BODY_KEPT, clean), kept(answer, MAX_BODY_KEPT, clean)] as const;
  const [type, target] = exchange.target ?? [];
  const path = decodeText(request.path);
  return {
    org: request.org,
    id: request.id,
    at: timeOfUuidv7(request.id).toISOString(),
    connection: request.connection,
    method: truncate(method, 20),
    path: clean(path, MAX_PATH),
    query: cleanOrNull(query?.text, MAX_TEXT),
    status,
    ms: request.ms,
    userAgent: cleanOrNull(request.userAgent, 300),
    user: type === 'user' && target !== undefined ? target : null,
    group: type === 'group' && target !== undefined ? target : null,
    changes: listOrNull(exchange.changes ?? []),
    ignored: listOrNull(request.ignored),
    quirks: listOrNull([...(exchange.quirks ?? [])]),
    notes: listOrNull(request.notes.map((note) => clean(note, MAX_TEXT))),
    errorCode: exchange.error?.code ?? null,
    detail: cleanOrNull(exchange.error?.detail, MAX_TEXT),
    ifMatch: cleanOrNull(request.ifMatch, 300),
    request: bodies[0].text,
    requestState: bodies[0].state,
    requestBytes: exchange.sent?.length ?? 0,
    response: bodies[1].text,
    responseState: bodies[1].state,
    responseBytes: answered?.bytes ?? null,
    mentions: mentionsIn(
      [...bodies.map(({ searched }) => searched), target ?? '', exchange.error?.detail ?? ''],
      path,
      query?.text ?? '',
    ).map(scrub),
    replayOf: request.replayOf ?? null,
    partOf: request.partOf ?? null,
    bulk: exchange.bulk ?? null,
  };
}

interface KeptBody {
  readonly text: string | null;
  readonly state: MaskedBody['state'];
  /** The part in which names are looked for. */
  readonly searched: string;
}

function kept(
  { text, state }: MaskedBody,
  limit: number,
  clean: (text: string, length: number) => string,
): KeptBody {
  if (text === undefined) return { text: null, state, searched: '' };
  const searched = clean(text, limit + BEHIND_CUT);
  const isMasked = state === 'masked' || searched.includes(MASKED);
  const isCut = text.length > limit;
  return { text: truncate(searched, limit), state: isMasked ? 'masked' : isCut ? 'cut' : 'whole', searched };
}

const listOrNull = <Item>(list: readonly Item[]): readonly Item[] | null =>
  list.length === 0 ? null : list.slice(0, MAX_LIST);
