import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { createMailer } from '../../src/platform/mailer.ts';

const LETTER = { id: 'a', to: 'ann@acme.example', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' };

test('a mail server that accepts a mail and then stays silent is given up', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 here\r\n');
    socket.on('data', (chunk) => {
      const text = String(chunk);
      if (text.startsWith('DATA')) socket.write('354 go on\r\n');
      else if (/^(EHLO|MAIL|RCPT)/.test(text)) socket.write('250 ok\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const smtpUrl = `smtp://127.0.0.1:${port}`;
  const mailer = createMailer({ smtpUrl, folder: '', from: 'a@b.example', silenceMs: 300 });
  try {
    await expect(mailer.send(LETTER, AbortSignal.timeout(3_000))).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  } finally {
    mailer.close();
    server.close();
  }
}, 10_000);
