import { Router } from 'express';
import type { ApiKeys } from '../access/api-keys/verify.ts';
import type { RequestLimits } from '../http/rate-limit.ts';
import type { IdempotencyStore } from '../idempotency/idempotency-store.ts';
import type { Locate } from '../platform/locations/location.ts';
import type { SetUpLinks } from '../set-up-links/verify.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import { createAuthentication } from './authentication.ts';
import { createDocumentation } from './documentation.ts';
import { createIdempotency } from './idempotency.ts';
import type { Route } from './route.ts';
import { createAdminRouter } from './router.ts';
import { API_VERSION } from './version.ts';

export interface AdminDependencies {
  readonly routes: readonly Route[];
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly setUpLinks: SetUpLinks;
  readonly idempotencyStore: IdempotencyStore;
  readonly publicUrl: string;
  readonly limits: RequestLimits;
  readonly locate: Locate;
  /** Is told of answers that their route does not declare. */
  readonly onUndeclared: (message: string) => void;
}

/** Builds what answers below `/api/v1`. */
export function createAdmin(dependencies: AdminDependencies): Router {
  const { routes, idempotencyStore } = dependencies;
  const router = Router();
  router.use(createDocumentation(routes, API_VERSION));
  router.use(
    createAdminRouter({
      ...dependencies,
      authentication: createAuthentication(dependencies),
      idempotency: createIdempotency(idempotencyStore),
    }),
  );
  return router;
}
