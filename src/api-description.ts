import { describeRoutes } from './admin/openapi.ts';
import { adminRoutes } from './admin/routes.ts';
import { API_VERSION } from './admin/version.ts';
import type { Administration } from './directory/compose.ts';

/** The description of the API as the file `openapi.json` has it. Declarations alone: nothing is built or asked. */
export function describeApi(): string {
  const routes = adminRoutes(declarationsOnly as Administration);
  return `${JSON.stringify(describeRoutes(routes, API_VERSION), undefined, 2)}\n`;
}

/** Routes take the directory apart when they are declared, and use it when they are asked. */
const declarationsOnly: unknown = new Proxy({}, { get: () => undefined });
