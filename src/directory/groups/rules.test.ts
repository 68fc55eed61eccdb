import { describe, expect, test } from '@jest/globals';
import type { GroupId } from '../ids.ts';
import { gives, grantCovers } from './rules.ts';
import type { GroupGrant } from './store/grants.ts';

const grant = (more: Partial<GroupGrant>): GroupGrant => ({
  group: { id: '019a0000-0000-7000-8000-000000000001' as GroupId, name: 'Support' },
  resourceType: 'agent',
  resourceId: null,
  resourceName: null,
  tag: null,
  level: 'manage',
  ...more,
});
const agent = { type: 'agent', id: 'one', tags: ['support'] };
const source = { type: 'data_source', id: 'two', tags: ['support'] };

describe('a grant', () => {
  test('on a tag reaches the resources of its type that have the tag', () => {
    expect(grantCovers(grant({ tag: 'support' }), agent)).toBe(true);
    expect(grantCovers(grant({ tag: 'sales' }), agent)).toBe(false);
  });

  test('on a tag of agents does not open the data sources that have the same tag', () => {
    expect(grantCovers(grant({ tag: 'support' }), source)).toBe(false);
    expect(grantCovers(grant({ tag: 'support', resourceType: 'data_source' }), source)).toBe(true);
  });

  test('on an id reaches the resource of that id and type alone', () => {
    expect(grantCovers(grant({ resourceId: 'one' }), agent)).toBe(true);
    expect(grantCovers(grant({ resourceId: 'two' }), agent)).toBe(false);
    expect(grantCovers(grant({ resourceId: 'two' }), source)).toBe(false);
  });

  test('gives a permission from its level on', () => {
    expect(gives(grant({ level: 'use' }), 'agents:edit')).toBe(false);
    expect(gives(grant({ level: 'edit' }), 'agents:edit')).toBe(true);
    expect(gives(grant({ level: 'manage' }), 'data_sources:manage')).toBe(false);
  });
});
