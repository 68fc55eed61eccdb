import { parseQuery } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { ScimExchange } from '../provisioning/log/entry.ts';
import type { Rehearse } from '../provisioning/self-test/commands.ts';
import type { Send } from '../provisioning/self-test/conversation.ts';
import { noteError } from './answer.ts';
import { toScimError } from './domain-errors.ts';
import type { HandlingDependencies } from './dry-run.ts';
import { createEndpoints } from './endpoints.ts';
import { ScimError } from './errors.ts';
import type { ScimAnswer } from './exchange.ts';
import { startDialect } from './quirks/dialect.ts';
import { strictDialect, tolerantDialect } from './quirks/index.ts';

export interface RehearsalDependencies extends HandlingDependencies {
  readonly log: { error(fields: object, message: string): void };
}

/**
 * Builds what has the requests of a self-test answered: by the endpoints that answer clients, in one transaction that is
 * rolled back, without HTTP in between and without the provisioning log.
 */
export function createRehearsal(dependencies: RehearsalDependencies): Rehearse {
  return ({ org, connection, strict, settings, requestId }, work) =>
    dependencies.runDry(org, (parts) => {
      const endpoints = createEndpoints({ ...dependencies, ...parts });
      const origin = { actor: { type: 'connection', id: connection, via: 'scim' }, requestId } as const;
      const send: Send = async ({ method, path, query, body }) => {
        const started = performance.now();
        const exchange: ScimExchange = {};
        const dialect = startDialect(strict ? strictDialect : tolerantDialect);
        const context: RequestContext = { requestId, exchange, ignored: dialect.ignored };
        let status: number;
        let text: string | undefined;
        try {
          const endpoint = endpoints.find(path);
          if (endpoint === undefined) throw new ScimError(404, undefined, 'Endpoint not found.');
          const answer = await endpoint.handlerOf(method)(
            {
              by: { org, connection, origin, settings },
              dialect,
              context,
              query: parseQuery(query === undefined ? '/' : `/?${query}`),
              ifMatch: undefined,
              ifNoneMatch: undefined,
              body: async () => body,
              countOperations: async () => undefined,
            },
            endpoint.id,
          );
          text = await textOf(answer);
          status = answer.status;
        } catch (error) {
          const known =
            toScimError(error) ?? new ScimError(500, undefined, 'Something went wrong on our side.');
          if (known.status === 500) {
            dependencies.log.error({ err: error, requestId }, 'a request of a self-test failed');
          }
          noteError(exchange, known, error);
          status = known.status;
        }
        return {
          status,
          ms: Math.round((performance.now() - started) * 10) / 10,
          body: text === undefined ? undefined : JSON.parse(text),
          error: exchange.error,
          quirks: [...dialect.applied],
        };
      };
      return work(send);
    });
}

async function textOf({ body }: ScimAnswer): Promise<string | undefined> {
  if (body === undefined || typeof body === 'string') return body;
  let text = '';
  for await (const piece of body) text += piece;
  return text;
}
