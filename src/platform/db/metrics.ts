import { Gauge, type Registry } from 'prom-client';
import type { Database } from './database.ts';

/** Puts the state of the database and of the connections to it into a registry; both are read at each scrape. */
export function observeDatabase(metrics: Registry, db: Database): void {
  new Gauge({
    name: 'rollcall_database_connections',
    help: 'Connections by kind: how many there may be, how many are busy, and how many callers wait for one.',
    labelNames: ['kind', 'state'],
    registers: [metrics],
    collect() {
      for (const [kind, { size, busy, waiting }] of Object.entries(db.connections)) {
        this.set({ kind, state: 'size' }, size);
        this.set({ kind, state: 'busy' }, busy);
        this.set({ kind, state: 'waiting' }, waiting);
      }
    },
  });
  new Gauge({
    name: 'rollcall_database_state',
    help: '1 for the state that the database is in: writable, read_only or unreachable.',
    labelNames: ['state'],
    aggregator: 'max',
    registers: [metrics],
    async collect() {
      const state = await db.checkHealth().catch(() => 'unreachable' as const);
      for (const each of ['writable', 'read_only', 'unreachable']) {
        this.set({ state: each }, each === state ? 1 : 0);
      }
    },
  });
}
