import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { BodyAborted, BodyTooLarge, readBody } from '../http/body.ts';
import { createByteCollector } from '../platform/byte-collector.ts';
import { ProblemError, validationFailed } from '../rest/problem.ts';
import type { ImportFile } from './file.ts';
import { fileTooLarge, MAX_IMPORT_BYTES } from './read-csv.ts';
import { IMPORT_POLICIES, type ImportPolicy } from './rules.ts';

/** A file as it was uploaded, and the policy that came along in the form. */
export interface Upload extends ImportFile {
  readonly policy: ImportPolicy | undefined;
}

/**
 * Reads an uploaded file, from a form or as the body itself, and never more of it than a file may have.
 * @throws DomainError `too_many_rows`; ProblemError 415, 422
 */
export async function readUpload(request: IncomingMessage): Promise<Upload> {
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('text/csv')) {
    try {
      return { name: undefined, bytes: await readBody(request, MAX_IMPORT_BYTES), policy: undefined };
    } catch (error) {
      throw error instanceof BodyTooLarge ? fileTooLarge() : error;
    }
  }
  if (type.startsWith('multipart/form-data')) return readForm(request);
  const detail = 'Send the file as the field "file" of multipart/form-data, or as text/csv.';
  throw new ProblemError({ status: 415, code: 'unsupported_media_type', detail });
}

/** Bytes of a form beside its file. */
const FORM_BYTES = 64 * 1024;

function readForm(request: IncomingMessage): Promise<Upload> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length']) > MAX_IMPORT_BYTES + FORM_BYTES) {
      reject(fileTooLarge());
      return;
    }
    const form = openForm(request);
    let file: ImportFile | undefined;
    let policy: ImportPolicy | undefined;
    // What the client is still sending is read and thrown away, or a reset would take the answer from it.
    const rejectUpload = (error: unknown) => {
      request.unpipe(form);
      request.resume();
      reject(error);
    };
    form.on('file', (field, stream, { filename }) => {
      const collector = createByteCollector(MAX_IMPORT_BYTES + 1);
      stream.on('data', (chunk: Buffer) => collector.add(chunk));
      stream.on('limit', () => rejectUpload(fileTooLarge()));
      stream.on('end', () => {
        if (field === 'file') file = { name: filename, bytes: collector.take() };
      });
    });
    form.on('field', (field, value) => {
      if (field !== 'onDuplicate') return;
      policy = IMPORT_POLICIES.find((each) => each === value);
      if (policy === undefined) rejectUpload(wrongField('onDuplicate', 'must be skip or update_role.'));
    });
    form.on('error', () => rejectUpload(missingFile()));
    form.on('close', () => (file === undefined ? reject(missingFile()) : resolve({ ...file, policy })));
    request.on('close', () => {
      if (!request.complete) reject(new BodyAborted());
    });
    request.pipe(form);
  });
}

/** @throws ProblemError 422 if the header describes no readable form */
function openForm({ headers }: IncomingMessage): busboy.Busboy {
  const limits = { files: 1, fileSize: MAX_IMPORT_BYTES + 1, fields: 10, fieldSize: 1_000, parts: 20 };
  try {
    return busboy({ headers, limits, defParamCharset: 'utf8' });
  } catch {
    throw missingFile();
  }
}

const wrongField = (path: string, message: string) => validationFailed([{ path, code: 'invalid', message }]);
const missingFile = () => wrongField('file', 'Send the CSV file as the field "file".');
