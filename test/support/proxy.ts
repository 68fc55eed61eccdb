import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server, which can be cut or made to swallow what passes. */
export interface FaultyProxy {
  readonly port: number;
  /** Resets all connections; new ones pass. */
  cut(): void;
  /** Passes nothing on in either direction, and closes nothing, until it is healed. */
  swallow(): void;
  heal(): void;
  /** New connections pass; those that are open stay open, and nothing passes on them. */
  passNewOnly(): void;
  close(): Promise<void>;
}

/** Starts a proxy on loopback. */
export async function startProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultyProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const stuck = new Set<readonly [Socket, Socket]>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const passOn = (from: Socket, to: Socket) => {
      from.on('data', (bytes) => {
        if (!swallowing && !stuck.has(pair)) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        if (!swallowing && !stuck.delete(pair)) to.destroy();
      });
    };
    passOn(client, upstream);
    passOn(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const [client, upstream] of pairs) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
    },
    swallow: () => {
      swallowing = true;
    },
    heal: () => {
      swallowing = false;
      // What was swallowed is lost, so the connections are of no more use.
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
    },
    passNewOnly: () => {
      for (const pair of pairs) stuck.add(pair);
      swallowing = false;
    },
    close: async () => {
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
