import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { burstOf } from '../../http/rate-limit.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { createSecretBox } from '../../platform/secret-box.ts';
import type { ScimConnectionQueries } from '../../provisioning/queries.ts';
import { createSelfTest, type SelfTest } from '../../provisioning/self-test/commands.ts';
import { ACCESS_SCHEMA } from '../../scim/access-attributes.ts';
import { maxOperationsOf } from '../../scim/bulk/request.ts';
import { createDirectoryParts } from '../../scim/dry-run.ts';
import { SCIM_PATH } from '../../scim/listener.ts';
import { readSchemas } from '../../scim/schema/definition.ts';
import { compileResourceTypes } from '../../scim/schema/resource-type.ts';
import { createRehearsal } from '../../scim/self-test.ts';
import type { AdministratorSession } from '../administrator.ts';

/** Builds the self-test as the server has it. */
export function buildSelfTest(session: AdministratorSession, connections: ScimConnectionQueries): SelfTest {
  const { config, publicUrl, now } = session;
  const folder = join(packageRoot(import.meta.url), 'scim-schemas');
  const rehearse = createRehearsal({
    types: compileResourceTypes([...readSchemas(folder), ACCESS_SCHEMA]),
    ...createDirectoryParts(session),
    // It seals cursors alone, and none outlives the test.
    seal: createSecretBox({ current: randomBytes(32), previous: [] }),
    log: { error: () => undefined },
    now,
    base: `${publicUrl}${SCIM_PATH}`,
    maxOperations: maxOperationsOf(burstOf(config.limits)),
  });
  return createSelfTest({ ...session, connections, rehearse, publicUrl, limits: config.limits });
}
