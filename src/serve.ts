import { createRollcall, type Rollcall, type RollcallOptions } from './app.ts';
import { type HttpServer, listen } from './http/server.ts';

export interface ServeOptions extends Omit<RollcallOptions, 'publicUrl'> {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Where clients reach the server that listens on a port; on this machine by default. */
  readonly publicUrlOf?: (port: number) => string;
  /** Answers only `/healthz`, `/readyz` and `/metrics`. */
  readonly healthOnly?: boolean;
}

/** Builds a Rollcall that listens. @throws Error if the port is in use */
export async function serve({ host, port, publicUrlOf, healthOnly, ...options }: ServeOptions): Promise<{
  readonly rollcall: Rollcall;
  readonly server: HttpServer;
}> {
  let rollcall: Rollcall | undefined;
  const server = await listen({ host, port }, (bound) => {
    const publicUrl = publicUrlOf?.(bound) ?? `http://127.0.0.1:${bound}`;
    rollcall = createRollcall({ ...options, publicUrl });
    return healthOnly ? rollcall.healthListener() : rollcall.listener();
  });
  return { rollcall: rollcall as Rollcall, server };
}
