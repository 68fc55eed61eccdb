import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createSecretBox } from '../platform/secret-box.ts';
import { MAIL_PURPOSE, openMail } from './mails.ts';

test('a mail about alerts that the version before queued is opened', () => {
  const seal = createSecretBox({ current: randomBytes(32), previous: [] });
  const old = { template: 'alerts', to: 'ada@acme.example', organization: 'Acme', alerts: ['HIGH: Acme.'] };
  expect(openMail(seal, seal.seal(JSON.stringify(old), MAIL_PURPOSE))).toEqual({
    template: 'notices',
    to: 'ada@acme.example',
    organization: 'Acme',
    topic: 'alert',
    lines: ['HIGH: Acme.'],
    more: 0,
  });
});
