import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

const values = { name: z.string(), host: z.string(), port: z.number(), format: z.string() };

/** What happens to audit streams. */
export const auditStreamEvents = declareEvents({
  'audit_stream.created': {
    target: 'audit_stream',
    values,
    sentence: '{actor} added the audit stream[ {name}]',
    meaning: 'A stream of the audit trail to a syslog receiver was added.',
  },
  'audit_stream.updated': {
    target: 'audit_stream',
    attributes: true,
    values: { ...values, enabled: z.boolean() },
    sentence: '{actor} changed an audit stream[: {attributes}][ ({values})]',
    meaning: 'The receiver, the format or the certificates of a stream changed, or it was paused or resumed.',
  },
  'audit_stream.deleted': {
    target: 'audit_stream',
    values,
    sentence: '{actor} removed the audit stream[ {name.before}]',
    meaning: 'A stream of the audit trail was removed.',
  },
  'audit_stream.tested': {
    target: 'audit_stream',
    values: { delivered: z.boolean() },
    sentence: '{actor} sent a test message to an audit stream',
    meaning: 'A test message was sent to the receiver of a stream.',
  },
});
