import { connect, type Socket } from 'node:net';

/** What came back: enough to see that an answer is the right one, cheap enough not to be what is measured. */
export type OnAnswer = (status: number, bodyBytes: number) => void;

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection that has one request under way at a time. Reads only as much of HTTP/1.1 as the
 * servers of the benchmark write, since the load generator has the same processors as they have.
 */
export class KeepAliveClient {
  readonly #socket: Socket;
  #onAnswer: OnAnswer | undefined;
  #onFailure: ((error: Error) => void) | undefined;
  #head: Buffer | undefined;
  #status = 0;
  #bodyBytes = 0;
  #left = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  static open(port: number): Promise<KeepAliveClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new KeepAliveClient(socket));
      });
    });
  }

  /** @param request a whole request in ASCII */
  send(request: string, onAnswer: OnAnswer, onFailure: (error: Error) => void): void {
    this.#onAnswer = onAnswer;
    this.#onFailure = onFailure;
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#onFailure = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#left > 0) {
      this.#readBody(chunk);
      return;
    }
    const bytes = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) {
      this.#head = bytes;
      return;
    }
    this.#head = undefined;
    const head = bytes.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    this.#bodyBytes = 0;
    const length = bodyLength(head, this.#status);
    if (length === undefined) {
      this.#fail(new Error('An answer without Content-Length.'));
      return;
    }
    this.#left = length;
    this.#readBody(bytes.subarray(end + HEAD_END.length));
  }

  #readBody(bytes: Buffer): void {
    this.#bodyBytes += bytes.length;
    this.#left -= bytes.length;
    if (this.#left <= 0) this.#onAnswer?.(this.#status, this.#bodyBytes);
  }

  #fail(error: Error): void {
    const onFailure = this.#onFailure;
    this.#onFailure = undefined;
    onFailure?.(error);
  }
}

function bodyLength(head: string, status: number): number | undefined {
  if (status === 204 || status === 304) return 0;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  return length === undefined ? undefined : Number(length);
}
