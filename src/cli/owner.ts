import { type RecoveredOwner, recoverOwner } from '../sign-in/owner-recovery.ts';
import { RESET_MINUTES } from '../sign-in/password-resets.ts';
import { findUserByEmail } from './administrator.ts';
import { type Command, parseSubject, UsageError } from './command.ts';
import { withOpenDatabase } from './database.ts';
import { chooseOrganization } from './organization.ts';
import { createOutput, jsonOption } from './output.ts';
import { readSecretLines } from './secret-lines.ts';

const help = `Usage: rollcall owner reset <e-mail> [options]

Restores access for an owner who cannot sign in: unlocks the account and prints a link to choose a new password, which
works once, within ${RESET_MINUTES} minutes. The audit trail records it as done on the command line.

Run it with the server's settings: the link begins with PUBLIC_URL. The database is the one of DATABASE_URL, else the
embedded one in DATA_DIR, whether the server is running or not.

Options:
  --password-stdin      read the new password from standard input (one line) instead, and end all sessions
  --drop-second-factor  also remove the authenticator app and the recovery codes
  --activate            also activate an inactive account
  --org <id or name>    the organization; needed if there are several
  --json                print the result as one JSON value
  -h, --help            print this help
`;

const options = {
  'password-stdin': { type: 'boolean', default: false },
  'drop-second-factor': { type: 'boolean', default: false },
  activate: { type: 'boolean', default: false },
  org: { type: 'string' },
  ...jsonOption,
} as const;

export const ownerCommand: Command = {
  help,
  example: 'rollcall owner reset owner@acme.example',
  failure: 'the owner was not found, the account is inactive, or the password is too weak.',
  run: async ([action, ...args]) => {
    if (action !== 'reset')
      throw new UsageError('Choose a command: rollcall owner reset owner@acme.example.');
    const { subject: email, given } = parseSubject(
      args,
      options,
      'Name the owner: rollcall owner reset owner@acme.example.',
    );
    const [password] = await readSecretLines(given['password-stdin'] ? 1 : 0);
    return withOpenDatabase(async ({ db, publicUrl, now }) => {
      const { id: org, name } = await chooseOrganization(db, given.org);
      const user = await findUserByEmail(db, org, email);
      const intent = { password, dropSecondFactor: given['drop-second-factor'], activate: given.activate };
      const owner = await recoverOwner({ db, now, publicUrl }, org, user, intent);
      createOutput(given.json).finish(presentOwner(owner, name), () => describeOwner(owner, name));
      return 0;
    });
  },
};

const presentOwner = (
  { email, name, link, unlocked, activated, secondFactorDropped }: RecoveredOwner,
  organization: string,
) => ({
  organization,
  email,
  name: name ?? null,
  link: link ?? null,
  unlocked,
  activated,
  secondFactorRemoved: secondFactorDropped,
});

function describeOwner(owner: RecoveredOwner, organization: string): string {
  const { email, name, link, unlocked, activated, secondFactorDropped } = owner;
  return [
    `Owner of ${organization}: ${name === undefined ? email : `${name} <${email}>`}`,
    ...(activated ? ['The account is active again.'] : []),
    ...(unlocked ? ['The account is unlocked.'] : []),
    ...(secondFactorDropped ? ['The second factor is removed: set one up after signing in.'] : []),
    ...(link === undefined
      ? ['The password is set, and all sessions have ended.']
      : [`Choose a new password here, within ${RESET_MINUTES} minutes; the link works once:`, `  ${link}`]),
  ].join('\n');
}
