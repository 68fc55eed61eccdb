import pg from 'pg';
import type { Database } from '../../src/platform/db/database.ts';
import type { Executor } from '../../src/platform/db/statement.ts';

/** What one execution of a statement read. */
export interface Reading {
  /** The most rows that one node of the plan produced or threw away, over all of its loops. */
  readonly rows: number;
  /** The most rows that the planner expected of one node: from some number on it reads a table of any size from end to end. */
  readonly expected: number;
  /** Blocks of tables and indexes. */
  readonly blocks: number;
  readonly plan: string;
}

interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

/** Collects the statements that a store function sends; each is answered with one row of nothing. */
export async function statementsOf(run: (db: Database) => Promise<unknown>): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const note = (text: string, values: readonly unknown[]) => {
    sent.push({ text, values });
    return Promise.resolve([{ memberships: null, members: null, missing: null }] as never[]);
  };
  const query: Executor['query'] = ({ text }, values) => note(text, values);
  await run({ query, search: note } as unknown as Database);
  return sent;
}

/** A session that prepares statements once and returns what executing them reads. Its changes are rolled back. */
export class PlanReader {
  readonly #client: pg.Client;
  readonly #names = new Map<string, string>();

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @param plans whether plans are made for the values of each execution, or once for all */
  static async connect(url: string, plans: 'custom' | 'generic'): Promise<PlanReader> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`set plan_cache_mode = force_${plans}_plan; set jit = off; set timezone = 'UTC'`);
    return new PlanReader(client);
  }

  async read({ text, values }: Sent): Promise<Reading> {
    const { rows } = await this.#explain(text, values);
    const [{ Plan: root }] = (rows[0] as { 'QUERY PLAN': [{ Plan: Node }] })['QUERY PLAN'];
    return {
      rows: Math.max(...nodes(root).map(({ node }) => touched(node))),
      expected: Math.max(...nodes(root).map(({ node }) => node['Plan Rows'])),
      blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
      plan: nodes(root).map(describe).join('\n'),
    };
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  async #explain(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `statement_${this.#names.size}`;
      this.#names.set(text, name);
      await this.#client.query(`prepare ${name} as ${text}`);
    }
    const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
    await this.#client.query('begin');
    try {
      return await this.#client.query(`explain (analyze, buffers, format json) execute ${name}${given}`);
    } finally {
      await this.#client.query('rollback');
    }
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  if (Array.isArray(value))
    return `'{${value.map((each) => (each === null ? 'null' : `"${String(each)}"`)).join(',')}}'`;
  return pg.escapeLiteral(String(value));
}

function touched(node: Node): number {
  const removed =
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}

function nodes(node: Node, depth = 0): { readonly node: Node; readonly depth: number }[] {
  return [{ node, depth }, ...(node.Plans ?? []).flatMap((child) => nodes(child, depth + 1))];
}

function describe({ node, depth }: { readonly node: Node; readonly depth: number }): string {
  const where = [node['Relation Name'], node['Index Name']].filter((each) => each !== undefined).join(' by ');
  return `${'  '.repeat(depth)}${node['Node Type']} ${where} (${touched(node)} rows)`;
}
