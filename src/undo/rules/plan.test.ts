import { describe, expect, test } from '@jest/globals';
import { type PlannedItem, type PresentState, placeOf, planToken, planUndo } from './plan.ts';
import type { PastEvent } from './transitions.ts';

const batch = {
  kind: 'connection',
  id: 'okta',
  from: '2026-11-29T09:00:00.000Z',
  to: '2026-11-29T09:20:00.000Z',
} as const;
let next = 0;
const event = (action: string, more: Partial<PastEvent> = {}): PastEvent => {
  next += 1;
  return {
    id: String(next).padStart(6, '0'),
    at: new Date(Date.parse(batch.from) + next * 1_000).toISOString(),
    action,
    actorType: 'connection',
    actorId: 'okta',
    target: 'jane',
    member: null,
    changes: null,
    inBatch: true,
    ...more,
  };
};
const byAda = { inBatch: false, actorType: 'user', actorId: 'ada' } as const;
const status = (from: string, to: string) => ({ changes: { values: { status: [from, to] as const } } });
const inGroup = { target: 'platform', member: 'jane' } as const;

type Present = Omit<PresentState, 'before'> & Partial<PresentState>;
const state = (more: Partial<PresentState> = {}): Present => ({
  users: new Map([['jane', { status: 'inactive', role: 'train', owner: false, deleted: false }]]),
  groups: new Set(['platform']),
  memberships: new Map(),
  profiles: new Set(),
  ...more,
});
const plan = (events: readonly PastEvent[], present = state(), isOwner = false) =>
  planUndo(
    events,
    // History knows what was there before, unless a test says otherwise.
    { before: new Set(events.map(({ target, member, at }) => placeOf(target, member, at))), ...present },
    { user: 'grace', isOwner },
  );
const short = (items: readonly PlannedItem[]) =>
  items.map(({ kind, from, to, skip }) => [kind, from, to, skip?.code]);

describe('planUndo', () => {
  const deactivated = () => event('user.deactivated', status('active', 'inactive'));
  test.each<[string, readonly PastEvent[], Present, unknown]>([
    ['takes a deactivation back', [deactivated()], state(), [['status', 'active', 'inactive', undefined]]],
    [
      'does nothing about what the batch took back itself',
      [deactivated(), event('user.activated', status('inactive', 'active'))],
      state(),
      [],
    ],
    [
      'leaves what someone else changed since',
      [
        deactivated(),
        event('user.activated', { ...byAda, ...status('inactive', 'active') }),
        event('user.deactivated', { ...byAda, ...status('active', 'inactive') }),
      ],
      state(),
      [['status', 'active', 'inactive', 'changed_since']],
    ],
    [
      'says of what someone else took back that it is so again',
      [deactivated(), event('user.activated', { ...byAda, ...status('inactive', 'active') })],
      state(),
      [['status', 'active', 'inactive', 'already_so']],
    ],
    [
      'counts no change before the batch',
      [event('user.activated', { ...byAda, ...status('inactive', 'active') }), deactivated()],
      state(),
      [['status', 'active', 'inactive', undefined]],
    ],
    [
      'deletes who was created, with all that the batch did to them',
      [
        event('user.created'),
        event('group.member_added', inGroup),
        event('user.updated', { changes: { attributes: ['title'] } }),
      ],
      state({ memberships: new Map([['platform jane', 'member']]) }),
      [['account', 'none', 'present', undefined]],
    ],
    [
      'leaves who was created and was changed by someone else since',
      [
        event('user.created'),
        event('user.role_changed', { ...byAda, changes: { values: { role: ['readonly', 'train'] } } }),
      ],
      state(),
      [['account', 'none', 'present', 'changed_since']],
    ],
    [
      'restores a group before its members',
      [event('group.member_removed', inGroup), event('group.deleted', { target: 'platform' })],
      state({ groups: new Set() }),
      [
        ['group', 'present', 'deleted', undefined],
        ['membership', 'member', 'none', undefined],
      ],
    ],
    [
      'leaves a membership whose group was deleted since',
      [event('group.member_removed', inGroup), event('group.deleted', { target: 'platform', ...byAda })],
      state({ groups: new Set() }),
      [['membership', 'member', 'none', 'group_gone']],
    ],
    [
      'leaves memberships and groups of which history does not know what they were',
      [event('group.member_removed', inGroup), event('group.deleted', { target: 'sales' })],
      state({ before: new Set() }),
      [
        ['group', 'present', 'deleted', 'not_kept'],
        ['membership', 'member', 'none', 'not_kept'],
      ],
    ],
    [
      'does not bring back a group that the batch created and deleted',
      [event('group.created', { target: 'sales' }), event('group.deleted', { target: 'sales' })],
      state(),
      [['group', 'none', 'deleted', 'already_so']],
    ],
    [
      'cannot bring back who was erased',
      [event('user.erased')],
      state({ users: new Map() }),
      [['account', 'present', 'erased', 'erased']],
    ],
    [
      'says of a profile whose values are not kept that they are not',
      [event('user.updated', { changes: { attributes: ['title'] } })],
      state(),
      [['profile', null, null, 'not_kept']],
    ],
  ])('%s', (_name, events, present, expected) => {
    expect(short(plan(events, present))).toEqual(expected);
  });

  test('keeps away from owners, unless an owner asks, and from the account of who asks', () => {
    const owner = { status: 'inactive', role: 'admin', owner: true, deleted: false };
    const events = [
      deactivated(),
      event('user.deactivated', { ...status('active', 'inactive'), target: 'grace' }),
    ];
    const present = state({
      users: new Map([
        ['jane', owner],
        ['grace', { ...owner, owner: false }],
      ]),
    });
    expect(short(plan(events, present)).map(([, , , code]) => code)).toEqual(['owner_only', 'self_change']);
    expect(short(plan(events, present, true)).map(([, , , code]) => code)).toEqual([
      undefined,
      'self_change',
    ]);
  });

  test('leaves a profile only if someone else changed the same attributes', () => {
    const own = event('user.updated', { changes: { attributes: ['title'] } });
    const present = state({ profiles: new Set([`jane ${own.at}`]) });
    const other = (name: string) => event('user.updated', { ...byAda, changes: { attributes: [name] } });
    expect(short(plan([own, other('nickName')], present))).toEqual([['profile', null, null, undefined]]);
    expect(short(plan([own, other('title')], present))).toEqual([['profile', null, null, 'changed_since']]);
  });

  test('has another token for another batch, another item and another reason to leave one', () => {
    const items = plan([deactivated()]);
    const skipped = items.map((item) => ({ ...item, skip: { code: 'changed_since' as const } }));
    const tokens = [
      planToken(batch, items),
      planToken({ ...batch, to: '2026-11-29T09:30:00.000Z' }, items),
      planToken(batch, []),
      planToken(batch, skipped),
    ];
    expect(new Set(tokens).size).toBe(4);
    expect(planToken({ ...batch }, [...items])).toBe(tokens[0]);
  });
});
