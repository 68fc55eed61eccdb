import { createCommandRunner } from './directory/command-runner.ts';
import type { UserDependencies } from './directory/users/dependencies.ts';
import { createUserQueries, type UserQueries } from './directory/users/queries.ts';
import { linksOf } from './notifications/mails.ts';
import type { Database } from './platform/db/database.ts';
import type { JobKind } from './platform/jobs/job-kind.ts';
import type { Locate } from './platform/locations/location.ts';
import type { SecretBox } from './platform/secret-box.ts';
import type { Route } from './rest/route.ts';
import { createSignInCommands, type SignInCommands } from './sign-in/commands.ts';
import { createSessions, type Sessions } from './sign-in/sessions.ts';

/** What every feature is built with. */
export interface Core extends UserDependencies {
  /** What our links and addresses begin with, without a slash at its end. */
  readonly publicUrl: string;
  readonly userQueries: UserQueries;
  /** Where an address is, by the operator's files. */
  readonly locate: Locate;
  readonly sessions: Sessions;
  /** Who signs in, and who proves once more who they are. */
  readonly signIn: SignInCommands;
}

/** What a feature adds to the server. What else it has is for the features after it, and for the adapters. */
export interface Feature {
  readonly routes?: readonly Route[];
  readonly jobs?: readonly JobKind[];
}

export interface CoreSettings {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
  readonly publicUrl: string;
  readonly locate: Locate;
}

/** Builds what features share. */
export function createCore({ db, now, seal, publicUrl, locate }: CoreSettings): Core {
  const shared = { db, now, seal, links: linksOf(publicUrl), runner: createCommandRunner({ db, now }) };
  return {
    ...shared,
    publicUrl,
    locate,
    userQueries: createUserQueries(shared),
    sessions: createSessions(shared),
    signIn: createSignInCommands(shared),
  };
}
