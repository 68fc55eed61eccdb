import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { SecretKeys } from '../platform/sealing.ts';
import { keyFileOf, loadSecretKeys } from '../secret-key.ts';
import { type Command, parseOptions, print, readConfig } from './command.ts';
import { withDatabase } from './database.ts';
import { checkDatabase } from './doctor/database.ts';
import { type Finding, fail, warn } from './doctor/finding.ts';
import { checkFiles, checkMail, checkPublicUrl } from './doctor/surroundings.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall doctor [--json]

Checks the database, migrations, clocks, the secret key, files, the public address and mail, and says what to do. It
changes nothing and sends nothing. Give it the server's settings, and run it as the server's user.

Options:
  --json      print {"ok": …, "findings": [{"check", "status", "message"}]} instead
  -h, --help  print this

Exit code 1: a check failed. Warnings do not count.
`;

export const doctorCommand: Command = {
  summary: 'check the installation, and say what to do',
  help,
  run: async (args) => {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } } as const);
    const config = readConfig();
    const findings = [
      ...(await checkData(config)),
      ...(await checkFiles(config)),
      ...(await checkPublicUrl(config)),
      await checkMail(config),
    ];
    const healthy = findings.every(({ status }) => status !== 'fail');
    if (json) print(JSON.stringify({ ok: healthy, findings }, undefined, 2));
    else {
      print(alignRows(findings.map(({ check, status, message }) => [status, check, message])).join('\n'));
    }
    return healthy ? 0 : 1;
  },
};

async function checkData(config: Config): Promise<Finding[]> {
  const keys = await findKeys(config);
  const missing = keys === undefined ? [missingKey(config)] : [];
  const { databaseUrl, databaseUrlDirect, dataDir } = config;
  if (databaseUrl === undefined && !existsSync(join(dataDir, 'postgres'))) {
    return [warn('database', `There is none in ${dataDir} yet: npm start makes it.`), ...missing];
  }
  const pooler = databaseUrlDirect === undefined ? undefined : databaseUrl;
  const findings = await withDatabase(config, (direct) => checkDatabase({ direct, pooler, keys }));
  return [...findings, ...missing];
}

/** The server's keys; none is made, unlike at its start. */
async function findKeys(config: Config): Promise<SecretKeys | undefined> {
  const given = config.secretKey !== undefined || config.secretKeyFile !== undefined;
  return given || existsSync(keyFileOf(config.dataDir)) ? loadSecretKeys(config) : undefined;
}

/** The first start on a database makes a key; what a server sealed before is lost without its own. */
function missingKey({ databaseUrl, dataDir }: Config): Finding {
  return databaseUrl === undefined
    ? warn('secret key', `There is none in ${dataDir} yet: npm start makes it.`)
    : fail('secret key', `SECRET_KEY is not set, and ${dataDir} has none: set the key of the servers.`);
}
