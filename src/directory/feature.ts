import type { ElevationCommands } from '../access/elevations/commands.ts';
import type { Core } from '../core.ts';
import type { History } from '../history/history.ts';
import type { LifecycleCommands } from '../lifecycle/commands.ts';
import { createGroupAdministration } from './groups/commands.ts';
import { createFollowing } from './groups/following.ts';
import { groupJobs } from './groups/jobs.ts';
import { createGroupPreviews } from './groups/preview.ts';
import { groupRoutes } from './groups/routes/groups.ts';
import { memberRoutes } from './groups/routes/members.ts';
import { createGroupSettling } from './groups/settling.ts';
import { createSettingsCommands } from './organizations/commands.ts';
import { createLogoCommands } from './organizations/logo/commands.ts';
import { createLogoQueries } from './organizations/logo/queries.ts';
import { logoRoutes } from './organizations/logo/routes.ts';
import { settingsRoutes } from './organizations/routes.ts';
import { createRoleCommands } from './roles/commands.ts';
import { createEditCommands } from './users/edit-commands.ts';
import { changeUserRoutes } from './users/routes/change.ts';
import { readUserRoutes } from './users/routes/read.ts';
import type { ReadProfile } from './users/rules/profile-patch.ts';

export interface DirectoryDependencies {
  readonly lifecycle: LifecycleCommands;
  readonly elevations: ElevationCommands;
  readonly history: History;
  /** Checks profiles by the schemas of the installation. */
  readonly readProfile: ReadProfile;
}

/** Users, their roles, groups and settings, as administrators see and change them. */
export function directoryFeature(core: Core, { readProfile, ...others }: DirectoryDependencies) {
  const roles = createRoleCommands(core);
  const groups = createGroupAdministration(core);
  const followAddresses = createFollowing(core);
  const edit = createEditCommands({ ...core, readProfile });
  return {
    roles,
    groups,
    edit,
    followAddresses,
    jobs: groupJobs(createGroupSettling(core), followAddresses, core.now),
    logoQueries: createLogoQueries(core),
    routes: [
      ...readUserRoutes({ ...core, ...others }),
      ...changeUserRoutes({ ...core, ...others, edit, roles }),
      ...groupRoutes({ ...core, ...others, groups, previews: createGroupPreviews(core) }),
      ...memberRoutes({ ...core, ...others, groups }),
      ...settingsRoutes({ settings: createSettingsCommands(core) }),
      ...logoRoutes({ logos: createLogoCommands(core) }),
    ],
  };
}
