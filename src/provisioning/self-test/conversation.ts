import { countOf } from '../../platform/counts.ts';
import type { Advice } from '../log/rules/advice.ts';
import { adviceOn } from '../log/rules/advice.ts';

/** Whose requests a self-test sends: the two that differ most. */
export const SELF_TEST_PROVIDERS = ['okta', 'entra'] as const;
export type SelfTestProvider = (typeof SELF_TEST_PROVIDERS)[number];

/** A request of a self-test. @see Send */
export interface TestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the SCIM base URL. */
  readonly path: string;
  /** Without the question mark, percent-encoded. */
  readonly query?: string;
  readonly body?: object;
}

export interface TestAnswer {
  readonly status: number;
  readonly ms: number;
  /** Parsed; undefined without one. */
  readonly body: unknown;
  /** Undefined if the request succeeded. */
  readonly error: { readonly code: string | undefined; readonly detail: string } | undefined;
  /** Names of the quirks that were tolerated. */
  readonly quirks: readonly string[];
}

/** Has a request answered as one of the connection; what it changes is rolled back later. Never throws. */
export type Send = (request: TestRequest) => Promise<TestAnswer>;

export interface StepResult {
  /** In plain words. */
  readonly name: string;
  readonly method: string;
  /** With its query; `{person}` and `{group}` stand for ids that are made up. */
  readonly path: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Null for a step that was skipped. */
  readonly status: number | null;
  readonly ms: number | null;
  readonly quirks: readonly string[];
  readonly error: (Advice & { readonly code: string | null; readonly detail: string }) | null;
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Subject = 'person' | 'group';

interface Step extends TestRequest {
  readonly name: string;
  /** What its answer must be. */
  readonly status: number;
  /** What is wrong with an answer of the right status, as a sentence. */
  readonly problem?: (body: Body) => string | undefined;
  /** The id that the steps after it need. */
  readonly creates?: Subject;
}

/** What of an answer the steps look at. */
interface Body {
  readonly id?: unknown;
  readonly totalResults?: unknown;
  readonly active?: unknown;
  readonly displayName?: unknown;
  readonly members?: unknown;
}

const operations = (...list: readonly object[]) => ({ schemas: [PATCH], Operations: list });

const found =
  (count: number) =>
  ({ totalResults }: Body): string | undefined =>
    totalResults === count
      ? undefined
      : `The search found ${String(totalResults)} where it should have found ${count}.`;
const isActive =
  (expected: boolean) =>
  ({ active }: Body): string | undefined =>
    active === expected ? undefined : `The answer says active: ${String(active)}.`;
const hasMembers =
  (count: number) =>
  ({ members }: Body): string | undefined => {
    const has = Array.isArray(members) ? members.length : 0;
    return has === count ? undefined : `The group has ${countOf(has, 'member')}, not ${count}.`;
  };
const isCalled =
  (name: string) =>
  ({ displayName }: Body): string | undefined =>
    displayName === name ? undefined : `The display name is ${JSON.stringify(displayName)}, not the new one.`;

/**
 * What a provider sends when it assigns one person and pushes one group, in its own forms (exchanges/okta,
 * exchanges/entra-aadoptscim062020).
 * @param unique makes the names of this run its own
 */
function stepsOf(provider: SelfTestProvider, unique: string): readonly Step[] {
  const isOkta = provider === 'okta';
  const userName = `self-test-${unique}@rollcall.invalid`;
  const group = `Self-test ${unique}`;
  const page = isOkta ? '&startIndex=1&count=100' : '';
  const matchPerson = `filter=${encodeURIComponent(`userName eq "${userName}"`)}${page}`;
  const matchGroup = `${isOkta ? '' : 'excludedAttributes=members&'}filter=${encodeURIComponent(`displayName eq "${group}"`)}${page}`;
  const person = {
    schemas: isOkta ? [USER] : [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
    userName,
    externalId: `self-test-${unique}`,
    name: { givenName: 'Self', familyName: 'Test' },
    emails: [{ primary: true, type: 'work', value: userName }],
    displayName: 'Self Test',
    active: true,
    ...(isOkta ? { locale: 'en-US', groups: [] } : { roles: [], meta: { resourceType: 'User' } }),
  };
  const active = (value: boolean) =>
    operations(
      isOkta ? { op: 'replace', value: { active: value } } : { op: 'replace', path: 'active', value },
    );
  return [
    { name: 'Read what the server can do', method: 'GET', path: '/ServiceProviderConfig', status: 200 },
    { name: 'Read the schemas', method: 'GET', path: '/Schemas', status: 200 },
    {
      name: 'Look for the person, who is not here yet',
      method: 'GET',
      path: '/Users',
      query: matchPerson,
      status: 200,
      problem: found(0),
    },
    {
      name: 'Create the person',
      method: 'POST',
      path: '/Users',
      body: person,
      status: 201,
      creates: 'person',
    },
    { name: 'Read the person', method: 'GET', path: '/Users/{person}', status: 200, problem: isActive(true) },
    {
      name: 'Look for the person, who is here now',
      method: 'GET',
      path: '/Users',
      query: matchPerson,
      status: 200,
      problem: found(1),
    },
    isOkta
      ? {
          name: 'Update the profile',
          method: 'PUT',
          path: '/Users/{person}',
          body: { ...person, displayName: 'Self Test, updated', meta: { resourceType: 'User' } },
          status: 200,
          problem: isCalled('Self Test, updated'),
        }
      : {
          name: 'Change the name and the address',
          method: 'PATCH',
          path: '/Users/{person}',
          body: operations(
            { op: 'replace', path: 'emails[type eq "work"].value', value: `new-${userName}` },
            { op: 'replace', value: { displayName: 'Self Test, updated', 'name.givenName': 'Selv' } },
          ),
          status: 200,
          problem: isCalled('Self Test, updated'),
        },
    {
      name: 'Look for the group, which is not here yet',
      method: 'GET',
      path: '/Groups',
      query: matchGroup,
      status: 200,
      problem: found(0),
    },
    {
      name: 'Create the group',
      method: 'POST',
      path: '/Groups',
      body: {
        schemas: [GROUP],
        displayName: group,
        ...(isOkta
          ? { members: [] }
          : { externalId: `self-test-group-${unique}`, meta: { resourceType: 'Group' } }),
      },
      status: 201,
      creates: 'group',
    },
    {
      name: 'Add the person to the group',
      method: 'PATCH',
      path: '/Groups/{group}',
      body: operations({ op: 'add', path: 'members', value: [{ value: '{person}' }] }),
      status: 204,
    },
    {
      name: 'Read the group with its member',
      method: 'GET',
      path: '/Groups/{group}',
      status: 200,
      problem: hasMembers(1),
    },
    {
      name: 'Remove the person from the group',
      method: 'PATCH',
      path: '/Groups/{group}',
      body: operations({ op: 'remove', path: 'members[value eq "{person}"]' }),
      status: 204,
    },
    {
      name: 'Read the group without its member',
      method: 'GET',
      path: '/Groups/{group}',
      status: 200,
      problem: hasMembers(0),
    },
    {
      name: 'Deactivate the person',
      method: 'PATCH',
      path: '/Users/{person}',
      body: active(false),
      status: 200,
      problem: isActive(false),
    },
    {
      name: 'Reactivate the person',
      method: 'PATCH',
      path: '/Users/{person}',
      body: active(true),
      status: 200,
      problem: isActive(true),
    },
    // Okta never deletes a user.
    ...(isOkta
      ? []
      : [
          { name: 'Delete the person', method: 'DELETE', path: '/Users/{person}', status: 204 } as const,
          {
            name: 'Look for the person, who is deleted',
            method: 'GET',
            path: '/Users',
            query: matchPerson,
            status: 200,
            problem: found(0),
          } as const,
        ]),
    { name: 'Delete the group', method: 'DELETE', path: '/Groups/{group}', status: 204 },
  ];
}

/**
 * Sends a provider's requests one after another. One that needs what a failed one should have created is skipped.
 * @param unique makes the names of this run its own
 */
export async function converse(
  provider: SelfTestProvider,
  unique: string,
  send: Send,
): Promise<readonly StepResult[]> {
  const ids = new Map<Subject, string>();
  const results: StepResult[] = [];
  for (const { name, method, path, query, body, status: wanted, problem, creates } of stepsOf(
    provider,
    unique,
  )) {
    const shown = {
      name,
      method,
      path: query === undefined ? path : `${path}?${decodeURIComponent(query)}`,
    };
    const request = withIds({ method, path, query, body }, ids);
    if (request === undefined) {
      results.push({ ...shown, outcome: 'skipped', status: null, ms: null, quirks: [], error: null });
      continue;
    }
    const answer = await send(request);
    const { status, ms, quirks } = answer;
    const content = (answer.body ?? {}) as Body;
    const error = errorOf(answer, wanted, status === wanted ? problem?.(content) : undefined);
    if (creates !== undefined && error === null && typeof content.id === 'string') {
      ids.set(creates, content.id);
    }
    results.push({ ...shown, outcome: error === null ? 'passed' : 'failed', status, ms, quirks, error });
  }
  return results;
}

const PLACES: readonly Subject[] = ['person', 'group'];

/** @returns undefined if the request names what was not created */
function withIds(
  { method, path, query, body }: { [Key in keyof TestRequest]: TestRequest[Key] | undefined },
  ids: ReadonlyMap<Subject, string>,
): TestRequest | undefined {
  let text = JSON.stringify({ method, path, query, body });
  for (const place of PLACES) {
    const id = ids.get(place);
    if (id !== undefined) text = text.replaceAll(`{${place}}`, id);
    else if (text.includes(`{${place}}`)) return undefined;
  }
  return JSON.parse(text) as TestRequest;
}

function errorOf(
  { status, error }: TestAnswer,
  wanted: number,
  problem: string | undefined,
): StepResult['error'] {
  if (error !== undefined) {
    const advice = adviceOn(status, error.code ?? null);
    return advice === undefined
      ? null
      : { code: error.code ?? null, detail: error.detail, meaning: advice.meaning, remedy: advice.remedy };
  }
  const wrong = problem ?? (status === wanted ? undefined : `The status is ${status}, not ${wanted}.`);
  if (wrong === undefined) return null;
  return {
    code: null,
    detail: wrong,
    meaning: 'The request was answered, and not with what the provider goes on with.',
    remedy: 'This is an error of the server: report it with this result.',
  };
}
