import type { IncomingMessage } from 'node:http';
import { type LargeBody, readBody } from './body.ts';

/** A body that is not a form. */
export class MalformedForm extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'MalformedForm';
  }
}

/** The fields of a form, as a browser posts it. */
export interface Form {
  /** @returns undefined if there is no such field, or several */
  one(name: string): string | undefined;
}

/**
 * Reads `application/x-www-form-urlencoded`.
 * @param limit bytes
 * @throws MalformedForm, BodyTooLarge, BodyAborted; whatever `large.admit` throws
 */
export async function readForm(request: IncomingMessage, limit: number, large?: LargeBody): Promise<Form> {
  const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/x-www-form-urlencoded') {
    throw new MalformedForm('Send a form: application/x-www-form-urlencoded.');
  }
  const bytes = await readBody(request, limit, large);
  const fields = new URLSearchParams(bytes.toString('utf8'));
  return {
    one: (name) => {
      const [value, ...others] = fields.getAll(name);
      return others.length === 0 && !value?.includes('\0') ? value : undefined;
    },
  };
}
