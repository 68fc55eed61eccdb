import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { MailerOptions } from '../../src/platform/mailer.ts';

/** A real SMTP server on loopback whose behaviour a test chooses. */
export interface MailServer {
  readonly options: MailerOptions;
  readonly received: ParsedMail[];
  /** What a recipient is answered; undefined accepts. May wait. */
  onRecipient: (address: string) => Promise<number | undefined>;
  /** Stops to listen, as a server that is down. */
  stop(): Promise<void>;
  /** Listens again, at the same port. */
  start(): Promise<void>;
}

/** Starts one; `stop` it in the end. @param authentication whether a password is asked for, which never fits */
export async function startMailServer(authentication = false): Promise<MailServer> {
  let server: SMTPServer | undefined;
  let port = 0;
  const start = async () => {
    const starting = new SMTPServer({
      authOptional: !authentication,
      allowInsecureAuth: true,
      closeTimeout: 100,
      disabledCommands: ['STARTTLS'],
      onAuth: (_auth, _session, done) =>
        done(Object.assign(new Error('Wrong password'), { responseCode: 535 })),
      onRcptTo: ({ address }, _session, done) => {
        void mailServer.onRecipient(address).then((code) => {
          if (code === undefined) done();
          else done(Object.assign(new Error(`No mail for ${address}`), { responseCode: code }));
        });
      },
      onData: (stream, _session, done) => {
        simpleParser(stream).then((mail) => {
          mailServer.received.push(mail);
          done();
        }, done);
      },
    });
    starting.on('error', () => {});
    await new Promise<void>((resolve) => starting.listen(port, '127.0.0.1', () => resolve()));
    ({ port } = starting.server.address() as { port: number });
    server = starting;
  };
  const received: ParsedMail[] = [];
  const mailServer: MailServer = {
    get options() {
      const credentials = authentication ? 'user:secret@' : '';
      return {
        smtpUrl: `smtp://${credentials}127.0.0.1:${port}`,
        folder: '',
        from: 'Rollcall <no-reply@rollcall.example>',
      };
    },
    received,
    onRecipient: async () => undefined,
    stop: async () => {
      const stopping = server;
      server = undefined;
      if (stopping !== undefined) await new Promise<void>((resolve) => stopping.close(() => resolve()));
    },
    start,
  };
  await start();
  return mailServer;
}
