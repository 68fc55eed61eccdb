import { z } from 'zod';
import { openMail } from '../../directory/mails.ts';
import type { JobHandler } from '../../jobs/queue.ts';
import type { Mailer } from '../../platform/mailer.ts';
import type { Seal } from '../../platform/sealing.ts';
import { renderMail } from './letter.ts';

const payloadShape = z.object({ id: z.string(), sealed: z.string() });

/** Builds the handler that sends what the outbox holds; the queue tries again while the mail server is away. */
export function createMailHandler(seal: Seal, mailer: Mailer): JobHandler {
  return async (payload) => {
    const { id, sealed } = payloadShape.parse(payload);
    const mail = openMail(seal, sealed);
    await mailer.send({ id, to: mail.to, ...renderMail(mail) });
  };
}
