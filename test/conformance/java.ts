import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isThere, makeOnce, output, readChecks } from './programs.ts';
import type { Suite } from './suite.ts';

const UNBOUNDID = '5.0.0';
const SCIM_SDK = '1.30.0';
const JERSEY = '3.1.10';
const ARTIFACTS = [
  ['com.unboundid.product.scim2', 'scim2-sdk-client', UNBOUNDID],
  ['de.captaingoldfish', 'scim-sdk-client', SCIM_SDK],
  ['org.glassfish.jersey.core', 'jersey-client', JERSEY],
  ['org.glassfish.jersey.inject', 'jersey-hk2', JERSEY],
  ['org.glassfish.jersey.connectors', 'jersey-apache-connector', JERSEY],
  ['org.slf4j', 'slf4j-nop', '2.0.17'],
] as const;

/** The client libraries of Maven Central, each driven by a program of `clients/`. */
export const javaSuites: readonly Suite[] = [
  driven('UnboundID SCIM 2 SDK', UNBOUNDID, 'UnboundIdSdk.java'),
  driven('SCIM-SDK client', SCIM_SDK, 'ScimSdk.java'),
];

function driven(name: string, version: string, file: string): Suite {
  const program = fileURLToPath(new URL(`clients/${file}`, import.meta.url));
  return {
    name,
    version,
    source: 'Maven',
    strict: false,
    install: async (cache) => {
      if (!(await isThere('java', '-version'))) return { missing: 'it needs java, 17 or newer' };
      const folder = join(cache, 'java');
      const problem = await makeOnce(folder, installArtifacts);
      if (problem !== undefined) return { missing: problem };
      const path = join(folder, 'lib', '*');
      return {
        run: async ({ base, token }) => readChecks(await output('java', ['-cp', path, program, base, token])),
      };
    },
  };
}

async function installArtifacts(folder: string): Promise<void> {
  const dependencies = ARTIFACTS.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  const project = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>conformance</groupId><artifactId>conformance</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`;
  await writeFile(join(folder, 'pom.xml'), project);
  await install(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${folder}/lib`],
    folder,
  );
}
