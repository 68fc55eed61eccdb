import { randomUUID } from 'node:crypto';
import { type TestUser, withKey } from '../support/admin.ts';
import type { TestRollcall } from '../support/rollcall.ts';

/** A service account whose key reports activity. */
export async function reporterOf(rollcall: TestRollcall, owner: TestUser): Promise<TestUser> {
  const account = await owner.post('/service-accounts', { name: 'Assistant', role: 'admin' });
  const key = await owner.post(`/service-accounts/${account.body.id}/api-keys`, {
    name: 'Reports activity',
    scopes: ['activity:report'],
  });
  if (key.status !== 201) throw new Error(`Key: ${key.status} ${key.text}`);
  return withKey(rollcall.server, key.body.key ?? key.body.token);
}

/** A query, as an application reports it. */
export function query(userId: string, fields: object = {}) {
  return {
    id: randomUUID() as string,
    type: 'query',
    at: new Date().toISOString(),
    userId,
    agent: 'Support Agent',
    responseMs: 1_800,
    ...fields,
  };
}
