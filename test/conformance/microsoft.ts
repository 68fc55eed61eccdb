import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, makeOnce, output } from './programs.ts';
import type { Check, Suite, Target } from './suite.ts';

const NEWMAN = '6.2.2';
/** The variable that names the file. */
const COLLECTION = 'CONFORMANCE_MICROSOFT_COLLECTION';

/** The collection of Microsoft's reference code, which no package registry carries: a file that the caller has. */
export const microsoftSuite: Suite = {
  name: 'Microsoft SCIM reference collection',
  version: `newman ${NEWMAN}`,
  source: 'file',
  strict: false,
  install: async (cache) => {
    const file = process.env[COLLECTION];
    if (file === undefined)
      return {
        missing: `no registry carries it: ${COLLECTION} names PostmanCollection.json of AzureAD/SCIMReferenceCode`,
      };
    const folder = join(cache, 'newman');
    const problem = await makeOnce(folder, () =>
      install('npm', ['install', '--prefix', folder, '--no-save', `newman@${NEWMAN}`]),
    );
    if (problem !== undefined) return { missing: problem };
    return { run: (target) => runCollection(join(folder, 'node_modules/.bin/newman'), file, target) };
  },
};

interface Report {
  readonly run: {
    readonly executions: readonly {
      readonly item: { readonly name: string };
      readonly assertions?: readonly {
        readonly assertion: string;
        readonly error?: { readonly message: string };
      }[];
    }[];
  };
}

/** Its folder "Get Token" asks the reference server for a token, and its placeholder for a GUID is Visual Studio's. */
async function runCollection(
  newman: string,
  file: string,
  { base, token }: Target,
): Promise<readonly Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-conformance-'));
  try {
    const collection = JSON.parse(await readFile(file, 'utf8')) as { item: { name: string }[] };
    collection.item = collection.item.filter(({ name }) => name !== 'Get Token');
    const prepared = join(folder, 'collection.json');
    await writeFile(prepared, JSON.stringify(collection).replaceAll(`\${__UUID}`, '{{$guid}}'));
    const { protocol, hostname, port, pathname } = new URL(base);
    const variables = {
      Protocol: protocol.replace(':', ''),
      Server: hostname,
      Port: `:${port}`,
      Api: pathname.slice(1),
      token,
    };
    const given = Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]);
    const exported = join(folder, 'report.json');
    const reporter = ['--reporters', 'json', '--reporter-json-export', exported];
    const { failure } = await output(newman, ['run', prepared, ...given, ...reporter]);
    const text = await readFile(exported, 'utf8').catch(() => {
      throw new Error(`newman wrote no report: ${failure ?? 'no reason given'}`);
    });
    return readReport(JSON.parse(text) as Report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readReport({ run }: Report): readonly Check[] {
  return run.executions.flatMap(({ item, assertions = [] }) =>
    assertions.map(({ assertion, error }) => ({
      name: `${item.name}: ${assertion}`,
      passed: error === undefined,
      detail: error?.message.replaceAll(/\s+/g, ' ') ?? '',
    })),
  );
}
