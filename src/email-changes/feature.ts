import type { Core } from '../core.ts';
import { createEmailChangeCommands } from './commands.ts';
import { emailRoutes } from './routes.ts';

/** Changes of a sign-in address that its owner confirms. */
export function emailChangesFeature(core: Core) {
  const emailChanges = createEmailChangeCommands(core);
  return { emailChanges, routes: emailRoutes({ ...core, emailChanges }) };
}
