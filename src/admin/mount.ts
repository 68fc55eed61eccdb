import type { Router } from 'express';
import type { Administration } from '../directory/compose.ts';
import { openDoor } from './door.ts';
import { createIdempotency } from './idempotency.ts';
import { createAdminRouter } from './router.ts';
import { adminRoutes } from './routes.ts';

/** Builds what answers below `/api/v1`. */
export function createAdmin(administration: Administration, publicUrl: string): Router {
  const { sessions, apiKeys, repeats } = administration;
  return createAdminRouter({
    routes: adminRoutes(administration),
    door: openDoor({ sessions, apiKeys, publicUrl }),
    idempotency: createIdempotency(repeats),
  });
}
