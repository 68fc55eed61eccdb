import { z } from 'zod';
import { collectExport } from '../../directory/exports/collect.ts';
import type { OrgId, UserId } from '../../directory/ids.ts';
import type { JobHandler } from '../../jobs/queue.ts';
import type { Database } from '../../platform/db.ts';

const payloadShape = z.object({ org: z.uuid(), id: z.uuid(), user: z.uuid() });

/** Builds the handler that makes the zip of an export. */
export function createExportHandler(db: Database, now: () => Date): JobHandler {
  return async (payload) => {
    const { org, id, user } = payloadShape.parse(payload);
    await collectExport(db, { org: org as OrgId, id, user: user as UserId }, now().toISOString());
  };
}
