import { Router } from 'express';
import type { RequestLimits } from '../http/rate-limit.ts';
import { adminRoutes } from '../routes.ts';
import type { Administration } from '../services.ts';
import { createAuthentication } from './authentication.ts';
import { createDocumentation } from './documentation.ts';
import { createIdempotency } from './idempotency.ts';
import { createAdminRouter } from './router.ts';
import { API_VERSION } from './version.ts';

/** Builds what answers below `/api/v1`. */
export function createAdmin(
  administration: Administration,
  publicUrl: string,
  limits: RequestLimits,
  onUndeclared: (message: string) => void,
): Router {
  const { sessions, apiKeys, idempotencyStore } = administration;
  const routes = adminRoutes(administration);
  const router = Router();
  router.use(createDocumentation(routes, API_VERSION));
  router.use(
    createAdminRouter({
      routes,
      authentication: createAuthentication({ sessions, apiKeys, publicUrl, limits }),
      idempotency: createIdempotency(idempotencyStore),
      onUndeclared,
    }),
  );
  return router;
}
