import type { UserDependencies } from '../directory/users/dependencies.ts';
import { createOffboardingCommands, type OffboardingCommands } from './offboarding.ts';
import { createRemovalCommands, type RemovalCommands } from './removal.ts';
import { createStatusCommands, type StatusCommands } from './status.ts';

/** Everything from deactivation to erasure. */
export type LifecycleCommands = StatusCommands & OffboardingCommands & RemovalCommands;

export function createLifecycleCommands(dependencies: UserDependencies): LifecycleCommands {
  return {
    ...createStatusCommands(dependencies),
    ...createOffboardingCommands(dependencies),
    ...createRemovalCommands(dependencies),
  };
}
