import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package-root.ts';
import { type ChildServer, startForked } from '../child-server.ts';
import { type Contender, createContender, requestText } from '../contender.ts';
import type { Answer, Membership, Operation } from '../operations.ts';
import type { Population } from '../population.ts';
import type { MembershipAnswer, Ready } from './child.ts';
import { createPackageFolder, installPackages } from './install.ts';
import type { PeerKind } from './kinds.ts';
import { prepareMemberships } from './memberships.ts';

/** Another server of the same kind, for comparison. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly hasDatabase: boolean;
  /** @returns undefined if it does not do what it is asked */
  contend(operation: Operation, atOnce: number): Promise<Contender | undefined>;
  stop(): Promise<void>;
}

export interface PeerOptions {
  readonly kind: PeerKind;
  readonly population: Population;
  /** Makes a database for it and returns its URL. */
  readonly createDatabase: () => Promise<string>;
  /** Gets what stops each thing that is started, as soon as it is. */
  readonly stops: (() => Promise<unknown>)[];
}

/** Some take minutes to be filled. */
const START_MS = 1_800_000;

/**
 * Starts it with the people of an organization.
 * @throws Error in words if it cannot be installed, started or filled now
 */
export async function startPeer({ kind, population, createDatabase, stops }: PeerOptions): Promise<Peer> {
  const { users, groupSizes } = population;
  const { folder, remove } = await createPackageFolder();
  stops.push(remove);
  await installPackages(folder, kind.packages);
  const child = await startForked({
    script: join(packageRoot(import.meta.url), `dist/bench/peers/${kind.key}.js`),
    args: [folder, String(users), groupSizes.join()],
    env: { NODE_ENV: 'production', ...(kind.hasDatabase && { DATABASE_URL: await createDatabase() }) },
    quiet: true,
    startMs: START_MS,
  });
  stops.push(() => child.stop());
  const client = clientOf(child);
  const numbers = new Map<Operation, { next: number; readonly prepared: { next: number } }>();
  return {
    name: kind.name,
    version: await versionOf(folder, kind),
    hasDatabase: kind.hasDatabase,
    contend: async (operation, atOnce) => {
      const count = numbers.get(operation) ?? { next: 0, prepared: { next: 0 } };
      numbers.set(operation, count);
      const reset = () => prepareMemberships(operation, count.prepared, count.next, client.patchGroup);
      await reset();
      const answered = await client.ask(operation, count.next++);
      if (answered === undefined) return undefined;
      return createContender({
        port: child.port,
        title: operation.title,
        next: () => ({
          text: requestText(operation.method, operation.request(count.next++, 'peer'), client.token),
          ...answered,
        }),
        atOnce,
        cpuTime: child.cpuTime,
        reset,
      });
    },
    stop: async () => {
      await child.stop();
      await remove();
    },
  };
}

async function versionOf(folder: string, { packages: [first] }: PeerKind): Promise<string> {
  const name = first.replace(/(?<=.)@.*/, '');
  const file = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** What is asked of a peer besides what is timed. */
function clientOf(child: ChildServer & Ready) {
  const token = child.token ?? 'any';
  const send = (method: string, path: string, body: string | undefined) =>
    fetch(`http://127.0.0.1:${child.port}/scim/v2${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      ...(body === undefined ? {} : { body }),
    });
  const isMember = async (membership: Membership) =>
    ((await child.tell(membership)) as MembershipAnswer).isMember;
  return {
    token,
    patchGroup: async (group: string, body: string) => {
      await (await send('PATCH', `/Groups/${group}`, body)).arrayBuffer();
    },
    /**
     * Asks once, to see that it does what it is asked and what its answers look like: some servers send a group
     * back where others send nothing, and some answer 200 to what they do not understand.
     */
    ask: async (
      operation: Operation,
      number: number,
    ): Promise<{ status: number; bytes: number } | undefined> => {
      const { path, body } = operation.request(number, 'peer');
      const response = await send(operation.method, path, body);
      const text = await response.text();
      if (!response.ok) return undefined;
      if (!operation.answers(JSON.parse(text || '{}') as Answer, { path, ...(body && { body }) }))
        return undefined;
      const membership = operation.membership?.(number);
      if (membership && (await isMember(membership)) !== (operation.kind === 'add-member')) return undefined;
      return { status: response.status, bytes: Buffer.byteLength(text) };
    },
  };
}
