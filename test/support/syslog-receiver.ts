import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Credential } from './tls-authority.ts';

/** What a receiver does with a connection. */
type Behaviour = 'read' | 'close' | 'cut after 1000 bytes';

/** A syslog receiver over TLS (RFC 5425) that keeps what it reads. */
export interface SyslogReceiver {
  readonly port: number;
  /** Whole messages, in the order in which they came. */
  readonly messages: string[];
  behaviour: Behaviour;
  /** Connections that were made. */
  connections: number;
  close(): Promise<void>;
}

/** Starts one. @param clientCa asks clients for a certificate that this authority has signed, as PEM */
export async function startSyslogReceiver(
  { certificate, key }: Credential,
  { port = 0, clientCa }: { readonly port?: number; readonly clientCa?: string } = {},
): Promise<SyslogReceiver> {
  const open = new Set<TLSSocket>();
  const asks = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ cert: certificate, key, ...asks }, (socket) => {
    receiver.connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    if (receiver.behaviour === 'close') {
      socket.end();
      return;
    }
    let read: Buffer = Buffer.alloc(0);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (receiver.behaviour === 'cut after 1000 bytes') {
        read = takeMessages(Buffer.concat([read, chunk.subarray(0, 1_000)]), receiver.messages);
        if (bytes >= 1_000) socket.destroy();
        return;
      }
      read = takeMessages(Buffer.concat([read, chunk]), receiver.messages);
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: SyslogReceiver = {
    port: (server.address() as AddressInfo).port,
    messages: [],
    behaviour: 'read',
    connections: 0,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}

/** Takes whole frames off (RFC 5425 §4.3). @returns what is left, the beginning of a frame @throws Error if it is none */
function takeMessages(read: Buffer, messages: string[]): Buffer {
  let rest = read;
  for (;;) {
    const space = rest.indexOf(' ');
    if (space < 0) return rest;
    const length = rest.subarray(0, space).toString();
    if (!/^[1-9]\d*$/.test(length))
      throw new Error(`No frame begins with ${rest.subarray(0, 40).toString()}.`);
    const end = space + 1 + Number(length);
    if (rest.length < end) return rest;
    messages.push(rest.subarray(space + 1, end).toString());
    rest = rest.subarray(end);
  }
}
