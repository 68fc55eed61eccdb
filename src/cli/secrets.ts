import { countOf } from '../platform/counts.ts';
import { type RotatedPlace, rotateSecrets } from '../secrets/rotation.ts';
import { type Command, parseSubject, UsageError } from './command.ts';
import { withOpenDatabase } from './database.ts';
import { createOutput, jsonOption } from './output.ts';
import { createProgressBar } from './progress-bar.ts';
import { loadServerKeys } from './server-keys.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall secrets rotate [options]

Encrypts every stored secret (authenticators, webhook secrets, client secrets and keys of single sign-on, queued mails,
sessions) with the current key, SECRET_KEY, after decrypting it with that key or one of SECRET_KEY_PREVIOUS. Servers
keep running meanwhile; all of them must have the current key already. You can stop it at any time: the same command
continues where it stopped. docs/production.md, "Rotating the key", has the steps.

Options:
  --lost-key  give up the secrets that no key decrypts, so that servers start with the current key. Users whose
              authenticator was given up need it reset; webhooks and single sign-on need new secrets
  --json      print the result as one JSON value
  -h, --help  print this help
`;

export const secretsCommand: Command = {
  help,
  example: 'rollcall secrets rotate',
  failure: 'some secrets cannot be decrypted with any of the keys.',
  run: async (args) => {
    const { subject, given } = parseSubject(
      args,
      { 'lost-key': { type: 'boolean', default: false }, ...jsonOption } as const,
      'Choose a command: rollcall secrets rotate.',
    );
    if (subject !== 'rotate') throw new UsageError('Choose a command: rollcall secrets rotate.');
    return rotate(given['lost-key'], given.json);
  },
};

function rotate(giveUpUnreadable: boolean, json: boolean): Promise<number> {
  return withOpenDatabase(async ({ config, db }) => {
    const keys = await loadServerKeys(config);
    const bar = createProgressBar(process.stderr);
    try {
      const places = await rotateSecrets(db, keys, { giveUpUnreadable, onProgress: bar.show });
      bar.end();
      const complete = giveUpUnreadable || unreadableOf(places) === 0;
      const result = {
        complete,
        places: places.map(({ place, resealed, current, unreadable }) => ({
          place,
          encryptedNow: resealed,
          encryptedBefore: current,
          unreadable,
        })),
      };
      createOutput(json).finish(result, () => describe(places, keys.previous.length, giveUpUnreadable));
      return complete ? 0 : 1;
    } finally {
      bar.end();
    }
  });
}

const unreadableOf = (places: readonly RotatedPlace[]) =>
  places.reduce((sum, { unreadable }) => sum + unreadable, 0);

function describe(places: readonly RotatedPlace[], previous: number, giveUpUnreadable: boolean): string {
  const rows = alignRows([
    ['  stored in', 'encrypted now', 'before', 'unreadable'],
    ...places.map(({ place, resealed, current, unreadable }) => [
      `  ${place}`,
      ...[resealed, current, unreadable].map(String),
    ]),
  ]);
  return [...rows, '', ending(unreadableOf(places), previous, giveUpUnreadable)].join('\n');
}

function ending(unreadable: number, previous: number, giveUpUnreadable: boolean): string {
  if (unreadable > 0 && !giveUpUnreadable) {
    return (
      `${countOf(unreadable, 'secret')} cannot be decrypted: add the key that encrypted them to SECRET_KEY_PREVIOUS and run ` +
      'this again. If it is lost, run: rollcall secrets rotate --lost-key.'
    );
  }
  const given = unreadable > 0 ? `Gave up ${countOf(unreadable, 'secret')} that no key decrypts. ` : '';
  const next =
    previous === 0
      ? 'There is no older key to remove.'
      : `Remove ${previous === 1 ? 'the older key' : `all ${previous} older keys`} from SECRET_KEY_PREVIOUS (or the further lines of SECRET_KEY_FILE), and start the servers again.`;
  return `${given}Every stored secret that can be decrypted is encrypted with the current key. ${next}`;
}
