import { expect } from '@jest/globals';
import type { TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A preview or report, as the routes answer it. */
export interface Undo {
  readonly id: string;
  readonly state: string;
  readonly token: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly summary: readonly string[];
  readonly notes: readonly string[];
  readonly progress: { readonly done: number; readonly total: number };
}

export interface Item {
  readonly kind: string;
  readonly user: { readonly id: string; readonly name: string | null } | null;
  readonly group: { readonly id: string; readonly name: string | null } | null;
  readonly did: string;
  readonly will: string | null;
  readonly result: string;
  readonly code: string | null;
  readonly why: string | null;
}

/** Speaks SCIM as an identity provider does, and undoes as an administrator does. */
export function directoryOf(rollcall: TestRollcall, okta: TestOrganization) {
  const ids = async (answer: PromiseLike<{ status: number; body: { id: string }; text: string }>) => {
    const { status, body } = await answer;
    expect([status, body]).toEqual([201, expect.objectContaining({ id: expect.any(String) })]);
    return body.id;
  };
  return {
    /** As Okta creates a user. */
    create: (name: string, more: object = {}) =>
      ids(
        okta.scim('POST', '/Users', {
          schemas: [USER],
          userName: `${name}@rollcall.example`,
          externalId: `00u-${name}`,
          name: { givenName: name, familyName: 'Person' },
          displayName: `${name} Person`,
          emails: [{ primary: true, value: `${name}@rollcall.example`, type: 'work' }],
          active: true,
          ...more,
        }),
      ),
    group: (name: string, members: readonly string[]) =>
      ids(
        okta.scim('POST', '/Groups', {
          schemas: [GROUP],
          displayName: name,
          externalId: `ext-${name}`,
          members: members.map((value) => ({ value })),
        }),
      ),
    /** As Okta deactivates: without a path. */
    deactivate: (id: string) =>
      okta.scim('PATCH', `/Users/${id}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', value: { active: false } }],
      }),
    patch: (path: string, Operations: readonly object[]) =>
      okta.scim('PATCH', path, { schemas: [PATCH], Operations }),

    preview: async (by: TestUser, from: Date, to: Date): Promise<Undo> => {
      const body = { connectionId: okta.connection, from: from.toISOString(), to: to.toISOString() };
      const answer = await by.post('/undos', body);
      expect([answer.status, answer.body.code]).toEqual([201, undefined]);
      return answer.body;
    },
    confirm: (by: TestUser, { id, token }: Undo, more: object = {}) =>
      by.post(`/undos/${id}/confirm`, {
        token,
        reason: 'A mistake in Okta.',
        password: OWNER_PASSWORD,
        ...more,
      }),
    /** Runs the jobs until the undo is done. */
    finish: async (by: TestUser, { id }: Undo): Promise<Undo> => {
      for (let round = 0; round < 50; round += 1) {
        await rollcall.rollcall.runDueJobsOnce();
        const { body } = await by.get(`/undos/${id}`);
        if (body.state === 'done') return body;
      }
      throw new Error('The undo did not end.');
    },
    items: async (by: TestUser, { id }: Undo, query = ''): Promise<Item[]> => {
      const found: Item[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer = await by.get(`/undos/${id}/items?limit=100&cursor=${cursor}${query}`);
        expect([answer.status, answer.body.code]).toEqual([200, undefined]);
        found.push(...answer.body.data);
        cursor = answer.body.nextCursor;
      }
      return found;
    },
  };
}
