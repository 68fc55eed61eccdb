import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package-root.ts';
import { type ChildServer, startForked } from '../child-server.ts';
import { type Contender, createContender, requestText } from '../contender.ts';
import type { Answer, Operation } from '../operations.ts';
import type { Population } from '../population.ts';
import { installPackages } from './install.ts';

/** Another server of the same kind, for comparison. */
export interface Peer {
  readonly name: string;
  /** @returns undefined if it does not answer as it ought to */
  contend(operation: Operation, atOnce: number): Promise<Contender | undefined>;
  stop(): Promise<void>;
}

const NAME = 'scimmy-routers';

/** Starts it with the people of an organization in its memory. @returns undefined if it cannot be had now */
export async function startPeer({ users, groupSizes }: Population): Promise<Peer | undefined> {
  const installed = await installPackages([NAME, 'scimmy', 'express']);
  if (installed === undefined) return undefined;
  let child: ChildServer;
  try {
    child = await startForked({
      script: join(packageRoot(import.meta.url), 'dist/bench/peers/scimmy-routers.js'),
      args: [installed.folder, String(users), groupSizes.join()],
      env: {},
      quiet: true,
    });
  } catch {
    await installed.remove();
    return undefined;
  }
  const numbers = new Map<Operation, { next: number }>();
  return {
    name: NAME,
    contend: async (operation, atOnce) => {
      const count = numbers.get(operation) ?? { next: 0 };
      numbers.set(operation, count);
      const answered = await ask(child.port, operation, count.next++);
      if (answered === undefined) return undefined;
      return createContender({
        port: child.port,
        title: operation.title,
        next: () => ({
          text: requestText(operation.method, operation.request(count.next++, 'peer'), 'any'),
          ...answered,
        }),
        atOnce,
        cpuTime: child.cpuTime,
        reset: async () => undefined,
      });
    },
    stop: async () => {
      await child.stop();
      await installed.remove();
    },
  };
}

/** Asks once, to know what its answers look like: some servers send a group back where others send nothing. */
async function ask(
  port: number,
  operation: Operation,
  number: number,
): Promise<{ status: number; bytes: number } | undefined> {
  const { path, body } = operation.request(number, 'peer');
  const response = await fetch(`http://127.0.0.1:${port}/scim/v2${path}`, {
    method: operation.method,
    headers: { Authorization: 'Bearer any', 'Content-Type': 'application/scim+json' },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const right =
    response.ok && operation.answers(JSON.parse(text || '{}') as Answer, { path, ...(body && { body }) });
  return right ? { status: response.status, bytes: text.length } : undefined;
}
