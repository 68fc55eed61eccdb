import pg from 'pg';

export interface ListenOptions {
  /** Of the server itself: a pooler in transaction mode does not pass notifications on. */
  readonly url: string;
  readonly channel: string;
  /** Also called after each connection, for what was missed without one. */
  readonly onNotify: () => void;
  readonly onError: (error: Error) => void;
}

export interface Listener {
  close(): Promise<void>;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Listens for a channel's notifications on a connection of its own, and connects again after a loss. */
export function listenForNotifications({ url, channel, onNotify, onError }: ListenOptions): Listener {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wait = FIRST_WAIT_MS;

  const connect = async () => {
    const connecting = new pg.Client({
      connectionString: url,
      application_name: 'rollcall notifications',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client = connecting;
    let lost = false;
    const lose = (error: Error) => {
      if (lost || closed) return;
      lost = true;
      onError(error);
      connecting.end().catch(() => {});
      timer = setTimeout(() => void connect(), wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    };
    connecting.on('error', lose);
    connecting.on('end', () => lose(new Error('The connection ended.')));
    connecting.on('notification', () => onNotify());
    try {
      await connecting.connect();
      await connecting.query(`listen ${pg.escapeIdentifier(channel)}`);
      wait = FIRST_WAIT_MS;
      onNotify();
    } catch (error) {
      lose(error as Error);
    }
  };
  void connect();

  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
