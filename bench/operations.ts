import {
  firstCandidate,
  firstOther,
  groupId,
  groupIdSql,
  groupsOfSize,
  numbered,
  type Population,
  USER_NAME,
  userBody,
  userId,
  userIdSql,
} from './population.ts';

/** Which of the servers a request is for: their writes must not meet. */
export type Side = 'server' | 'bare' | 'peer';

export type OperationKind = 'read' | 'lookup' | 'list' | 'patch' | 'add-member' | 'remove-member' | 'create';

/** A request below the base path. */
export interface OperationRequest {
  readonly path: string;
  readonly body?: string;
}

/** One thing that clients do, as requests that can be numbered. */
export interface Operation {
  readonly kind: OperationKind;
  readonly title: string;
  /** The size of the groups whose members change. */
  readonly groupSize?: number;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly status: number;
  /** The nth request of a side. */
  request(n: number, side: Side): OperationRequest;
  /** Whether an answer to a request says what it ought to. */
  answers(body: Answer, request: OperationRequest): boolean;
  /** Makes members what they ought to be before a slice, so that a group of 10 stays one: SQL, the organization is `$1`. */
  readonly reset?: string;
  /** The membership that the nth request adds or removes. */
  readonly membership?: (n: number) => Membership;
}

export interface Membership {
  readonly group: string;
  readonly user: string;
}

/** What the checks look at in an answer. */
export interface Answer {
  readonly id?: string;
  readonly userName?: string;
  readonly active?: boolean;
  readonly totalResults?: number;
  readonly Resources?: readonly Answer[];
}

export const sides: readonly Side[] = ['server', 'bare', 'peer'];

/** Users that a side deactivates and activates in turn. */
const PATCHED = 1_000;
/** Numbers of created users are kept apart by so much. */
const CREATED_APART = 1_000_000;
/** A prime: stepping by it goes through all users in an order that no cache expects. */
const STRIDE = 7_919;

/**
 * The operations on an organization; the one that makes it grow is the last. Requests are spelled as Entra ID
 * spells them (`Replace`, `"True"`), those for peers as the RFC does: not every peer knows the other spelling.
 */
export function operationsOn(population: Population): readonly Operation[] {
  const firstPatched = firstOther(population);
  const firstRead = firstPatched + PATCHED * sides.length;
  const someone = (n: number) => firstRead + ((n * STRIDE) % (population.users - firstRead));

  const read: Operation = {
    kind: 'read',
    title: 'read a user by id',
    method: 'GET',
    status: 200,
    request: (n) => ({ path: `/Users/${userId(someone(n))}` }),
    answers: ({ id }, { path }) => path.endsWith(`/${id}`),
  };
  const lookup: Operation = {
    kind: 'lookup',
    title: 'look a user up by userName',
    method: 'GET',
    status: 200,
    request: (n) => ({ path: `/Users?filter=userName%20eq%20%22${numbered(USER_NAME, someone(n))}%22` }),
    answers: ({ totalResults, Resources: [user] = [] }, { path }) =>
      totalResults === 1 && path.includes(`"${user?.userName}"`.replaceAll('"', '%22')),
  };
  const list: Operation = {
    kind: 'list',
    title: 'list 100 users',
    method: 'GET',
    status: 200,
    request: () => ({ path: '/Users?startIndex=1&count=100' }),
    answers: ({ totalResults = 0, Resources = [] }) =>
      totalResults >= population.users && Resources.length === 100,
  };
  const patch: Operation = {
    kind: 'patch',
    title: 'patch active',
    method: 'PATCH',
    status: 200,
    request: (n, side) => ({
      path: `/Users/${userId(firstPatched + sides.indexOf(side) * PATCHED + (n % PATCHED))}`,
      body: patchBody(
        side === 'peer'
          ? { op: 'replace', path: 'active', value: isActivation(n) }
          : { op: 'Replace', path: 'active', value: isActivation(n) ? 'True' : 'False' },
      ),
    }),
    answers: ({ id, active }, { path, body }) =>
      path.endsWith(`/${id}`) && active === /"value":("True"|true)/.test(body ?? ''),
  };
  const create: Operation = {
    kind: 'create',
    title: 'create a user',
    method: 'POST',
    status: 201,
    request: (n, side) => ({
      path: '/Users',
      body: userBody(population.users + 1 + sides.indexOf(side) * CREATED_APART + n),
    }),
    answers: ({ id, userName }, { body }) =>
      id !== undefined && body?.includes(`"userName":"${userName}"`) === true,
  };
  const members = population.groupSizes.flatMap((size) => [
    addMember(population, size),
    removeMember(population, size),
  ]);
  return [read, lookup, list, patch, ...members, create];
}

/** Everybody is deactivated once, then activated again, and so on. */
function isActivation(n: number): boolean {
  return Math.floor(n / PATCHED) % 2 === 1;
}

function addMember(population: Population, size: number): Operation {
  const groups = groupsOfSize(size);
  const membership = (n: number) => ({
    group: groupId(size, n % groups),
    user: candidateOf(population, size, n),
  });
  return {
    kind: 'add-member',
    title: `add a member to a group of ${size.toLocaleString('en')}`,
    groupSize: size,
    method: 'PATCH',
    status: 204,
    request: (n, side) => {
      const { group, user } = membership(n);
      const op = side === 'peer' ? 'add' : 'Add';
      return { path: `/Groups/${group}`, body: patchBody({ op, path: 'members', value: [{ value: user }] }) };
    },
    answers: () => true,
    reset: withoutAdded,
    membership,
  };
}

/** Members who are there to be removed: more than a slice removes. */
const REMOVABLE = 5_000;

function removeMember(population: Population, size: number): Operation {
  const first = firstCandidate(population);
  const candidates = firstOther(population) - first;
  const groups = groupsOfSize(size);
  const membership = (n: number) => ({
    group: groupId(size, (n % REMOVABLE) % groups),
    user: candidateOf(population, size, n % REMOVABLE),
  });
  return {
    kind: 'remove-member',
    title: `remove a member from a group of ${size.toLocaleString('en')}`,
    groupSize: size,
    method: 'PATCH',
    status: 204,
    request: (n) => {
      const { group, user } = membership(n);
      return { path: `/Groups/${group}`, body: patchBody(removalOf(user)) };
    },
    answers: () => true,
    membership,
    reset: `with gone as (${withoutAdded} returning user_id)
      insert into group_members (org_id, group_id, user_id, added_at)
      select $1, ${groupIdSql(String(size), `(n % ${groups})`)},
        ${userIdSql(`(${first} + ((n / ${groups})::bigint * ${STRIDE}) % ${candidates})`)}, '2021-01-01T00:00:00Z'
      from generate_series(0, ${REMOVABLE} - 1) as n
      on conflict do nothing`,
  };
}

/** Who was there from the beginning has been since the first of January 2020. */
const withoutAdded = `delete from group_members where org_id = $1 and added_at > '2020-01-02T00:00:00Z'`;

/** The nth user to be added to a group of a size; groups take turns. */
function candidateOf(population: Population, size: number, n: number): string {
  const first = firstCandidate(population);
  const candidates = firstOther(population) - first;
  return userId(first + ((Math.floor(n / groupsOfSize(size)) * STRIDE) % candidates));
}

/** The operation that removes a member. */
export function removalOf(user: string): object {
  return { op: 'remove', path: `members[value eq "${user}"]` };
}

export function patchBody(...operations: readonly object[]): string {
  return JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: operations,
  });
}
