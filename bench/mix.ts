import { type Operation, type OperationRequest, type Side, sides } from './operations.ts';

/** Several operations in a fixed proportion, as a directory that works all day sends them. */
export interface Mix {
  readonly title: string;
  readonly parts: readonly Operation[];
  /** The nth request of a side. @param numberOf the number of an operation's next request */
  request(
    n: number,
    side: Side,
    numberOf: (operation: Operation) => number,
  ): { readonly operation: Operation; readonly request: OperationRequest };
}

const GROUP_SIZE = 1_000;
/** A member is removed so many changes after it was added. */
const REMOVED_AFTER = 50;
/** Numbers of members are kept apart by so much. */
const APART = 20_000;

/** Of ten requests seven are lookups, one is a read, one a PATCH of `active`, one adds or removes a member. */
export function createMix(operations: readonly Operation[]): Mix | undefined {
  const [lookup, read, patch] = (['lookup', 'read', 'patch'] as const).map((kind) =>
    operations.find((operation) => operation.kind === kind),
  );
  const members = operations.filter(({ groupSize }) => groupSize === GROUP_SIZE);
  const add = members.find(({ kind }) => kind === 'add-member');
  const remove = members.find(({ kind }) => kind === 'remove-member');
  if (!lookup || !read || !patch || !add || !remove) return undefined;

  const change = (n: number, side: Side) => {
    const first = sides.indexOf(side) * APART;
    const half = Math.floor(n / 2);
    const isRemoval = n % 2 === 1 && half >= REMOVED_AFTER;
    if (!isRemoval) return { operation: add, request: add.request(first + n, side) };
    const added = first + 2 * (half - REMOVED_AFTER);
    return { operation: remove, request: removalOf(add.request(added, side)) };
  };

  return {
    title: '70 % lookups, 10 % reads, 10 % active, 10 % members',
    parts: [lookup, read, patch, add, remove],
    request: (n, side, numberOf) => {
      if (n % 10 === 9) return change(Math.floor(n / 10), side);
      const operation = n % 10 === 8 ? patch : n % 10 === 7 ? read : lookup;
      return { operation, request: operation.request(numberOf(operation), side) };
    },
  };
}

/** The request that removes whom another one adds. */
function removalOf({ path, body = '' }: OperationRequest): OperationRequest {
  const { schemas, Operations: operations } = JSON.parse(body) as {
    schemas: readonly string[];
    Operations: readonly { readonly value: readonly { readonly value: string }[] }[];
  };
  const user = operations[0]?.value[0]?.value;
  const removal = { op: 'remove', path: `members[value eq "${user}"]` };
  return { path, body: JSON.stringify({ schemas, Operations: [removal] }) };
}
