import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../platform/package-root.ts';

/** An answer as it should be; every string in it may contain `${variables}`. */
const answer = z.strictObject({
  status: z.int().min(100).max(599),
  headers: z.record(z.string(), z.string()).optional(),
  /** What must be in the body; see `differences`. */
  body: z.json().optional(),
});

const exchangeShape = z.strictObject({
  title: z.string().min(1),
  /** The tolerances (files of src/scim/quirks) without which this request would be rejected or misread. */
  quirks: z.array(z.string()).min(1).optional(),
  request: z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    /** Below the SCIM base URL; with the percent-encoding of the client. */
    path: z.string().startsWith('/'),
    /** Exactly what the client sends; only what every HTTP request needs is added. */
    headers: z.record(z.string(), z.string()),
    /** Sent as JSON; a string as it is. */
    body: z.json().optional(),
  }),
  expect: answer.extend({
    /** Variable → where its value is in the body: `id`, `Resources.0.id`. */
    capture: z.record(z.string(), z.string()).optional(),
  }),
  /** What a connection in strict mode answers to the same request, where that differs. */
  strict: answer.optional(),
});

const conversationShape = z.strictObject({
  /** Whose requests these are. */
  client: z.string().min(1),
  /** Where the shapes come from. */
  source: z.string().min(1),
  /** The database's content afterwards, besides the organization's owner. */
  leaves: z.strictObject({
    /** userName → status. */
    users: z.record(z.string(), z.enum(['active', 'inactive', 'pending'])),
    /** displayName → the userNames of all its members, also of those whose membership is suspended. */
    groups: z.record(z.string(), z.array(z.string())),
  }),
});

/** One request as an identity provider sends it, and the answer it needs. */
export interface Exchange extends Readonly<z.output<typeof exchangeShape>> {
  /** Folder and file, without extension: `okta/04-create-user`. */
  readonly name: string;
}

export type ExpectedAnswer = z.output<typeof answer> & { readonly capture?: Exchange['expect']['capture'] };

/** One client's requests, in order. Later requests use values of earlier answers. */
export interface Conversation extends Readonly<z.output<typeof conversationShape>> {
  /** The folder's name: `okta`. */
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

/** The folder of the conversations that Rollcall brings. */
export const exchangesFolder = join(packageRoot(import.meta.url), 'exchanges');

/** Reads every conversation that Rollcall brings, by name. @throws Error that names a malformed file */
export function readConversations(): Conversation[] {
  return readdirSync(exchangesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readConversation(join(exchangesFolder, name)))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * Reads one conversation: `client.json` names the client, `NN-name.json` are its exchanges in order.
 * @param folder absolute
 * @throws Error that names a malformed file
 */
export function readConversation(folder: string): Conversation {
  const name = basename(folder);
  const files = readdirSync(folder)
    .filter((file) => /^\d{2}-[a-z0-9-]+\.json$/.test(file))
    .sort();
  return {
    name,
    ...parseFile(join(folder, 'client.json'), conversationShape),
    exchanges: files.map((file) => ({
      name: `${name}/${basename(file, '.json')}`,
      ...parseFile(join(folder, file), exchangeShape),
    })),
  };
}

function parseFile<Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not what it should be:\n${z.prettifyError(parsed.error)}`);
}
