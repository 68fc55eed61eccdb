/** What decides when an operation is carried out. */
export interface Ordered {
  /** The bulkId of the resource that it creates. */
  readonly creates: string | undefined;
  /** The bulkIds to which it refers. */
  readonly refersTo: ReadonlySet<string>;
}

/** What is done next. */
export interface Step {
  /** The operation's place in the request. */
  readonly index: number;
  /**
   * `operation`: it is carried out, without its references to `deferred`. `references`: what it created gets its
   * references to `deferred`.
   */
  readonly does: 'operation' | 'references';
  readonly deferred: ReadonlySet<string>;
}

/** An operation, while what it refers to is put in front of it. */
interface Visit {
  readonly index: number;
  readonly references: Iterator<string>;
  readonly deferred: Set<string>;
  /** How many of the deferred are not there yet. */
  missing: number;
}

/**
 * Orders operations: as they were sent, but what an operation refers to is created before it. Where resources refer to each
 * other in a circle, one of them is created without a reference and gets it as soon as the other is there (RFC 7644
 * §3.7.1).
 * @param operations of which each bulkId is created by one; references to what none of them creates are left to the caller
 */
export function orderOperations(operations: readonly Ordered[]): Step[] {
  const creators = new Map<string, number>();
  for (const [index, { creates }] of operations.entries()) {
    if (creates !== undefined) creators.set(creates, index);
  }
  const [begun, done] = [new Set<number>(), new Set<number>()];
  /** What was created without a reference to an operation, by that operation. */
  const incomplete = new Map<number, Visit[]>();
  const steps: Step[] = [];

  const begin = (index: number): Visit => {
    begun.add(index);
    const { refersTo } = operations[index] as Ordered;
    return { index, references: refersTo.values(), deferred: new Set(), missing: 0 };
  };

  const finish = ({ index, deferred }: Visit): void => {
    done.add(index);
    steps.push({ index, does: 'operation', deferred });
    for (const visit of incomplete.get(index) ?? []) {
      visit.missing -= 1;
      if (visit.missing > 0) continue;
      steps.push({ index: visit.index, does: 'references', deferred: visit.deferred });
    }
    incomplete.delete(index);
  };

  for (const index of operations.keys()) {
    // A chain of references may be as long as the Bulk: no recursion.
    const visits = begun.has(index) ? [] : [begin(index)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const next = visit.references.next();
      if (next.done === true) {
        visits.pop();
        finish(visit);
        continue;
      }
      const creator = creators.get(next.value);
      if (creator === undefined || done.has(creator)) continue;
      if (!begun.has(creator)) {
        visits.push(begin(creator));
        continue;
      }
      visit.deferred.add(next.value);
      visit.missing += 1;
      const those = incomplete.get(creator);
      if (those === undefined) incomplete.set(creator, [visit]);
      else those.push(visit);
    }
  }
  return steps;
}
