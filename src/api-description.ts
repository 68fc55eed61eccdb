import type { Core } from './core.ts';
import { createFeatures, type FeatureSettings } from './features.ts';
import { describeRoutes } from './rest/openapi/openapi.ts';
import type { Route } from './rest/route.ts';
import { API_VERSION } from './rest/version.ts';

/** The description of the API as the file `openapi.json` has it. */
export function describeApi(): string {
  return `${JSON.stringify(describeRoutes(declaredRoutes(), API_VERSION), undefined, 2)}\n`;
}

/** Every route as it is declared, to look at: nothing is built, and none can be asked. */
export function declaredRoutes(): Route[] {
  return createFeatures(declarationsOnly as Core, declarationsOnly as FeatureSettings).allRoutes;
}

/** Features destructure what they are built with, and use it when they are called. */
const declarationsOnly: unknown = new Proxy(() => undefined, { get: () => declarationsOnly });
