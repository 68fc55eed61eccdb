import { describeRoutes } from './rest/openapi/openapi.ts';
import type { Route } from './rest/route.ts';
import { API_VERSION } from './rest/version.ts';
import { adminRoutes } from './routes.ts';
import type { Administration } from './services.ts';

/** The description of the API as the file `openapi.json` has it. */
export function describeApi(): string {
  return `${JSON.stringify(describeRoutes(declaredRoutes(), API_VERSION), undefined, 2)}\n`;
}

/** Every route as it is declared, to look at: nothing is built, and none can be asked. */
export function declaredRoutes(): Route[] {
  return adminRoutes(declarationsOnly as Administration);
}

/** Routes destructure the directory when they are declared, and use it when they are called. */
const declarationsOnly: unknown = new Proxy(() => undefined, { get: () => declarationsOnly });
