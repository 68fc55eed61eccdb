import { changesMembers, type GroupRecord, type MemberDelta } from '../directory/groups/group.ts';
import type { GroupChange, GroupCommands } from '../directory/groups/scim-commands.ts';
import { type GroupId, parseGroupId } from '../directory/ids.ts';
import type { DirectoryQueries, Viewer } from '../directory/search/queries.ts';
import { versionMatches } from './conditional-requests.ts';
import { resourceNotFound, type ScimError } from './errors.ts';
import { noteChange, resourceHeaders, type ScimRequest } from './exchange.ts';
import { applyPatch } from './patch/apply.ts';
import { foldMembers, memberIds } from './patch/members.ts';
import { parsePatch } from './patch/operation.ts';
import { groupVersion, membersOf, presentGroup } from './present.ts';
import { isObject } from './quirks/dialect.ts';
import { groupFields, groupResource } from './resource-fields.ts';
import { checkResource, coerceResource } from './schema/coerce.ts';
import { keepImmutable } from './schema/immutable.ts';
import { defaultProjection, type Projection, parseProjection } from './schema/projection.ts';
import type { ResourceType } from './schema/resource-type.ts';
import type { ResourceHandlers } from './users.ts';

export interface GroupHandlerDependencies {
  readonly type: ResourceType;
  readonly commands: GroupCommands;
  readonly queries: DirectoryQueries;
  readonly base: string;
}

/** Builds the handlers of `/Groups`. A group's members stream; no answer has all of them in memory. */
export function createGroupHandlers({
  type,
  commands,
  queries,
  base,
}: GroupHandlerDependencies): ResourceHandlers {
  const members = membersOf(type);

  const projectionOf = ({ query, dialect }: ScimRequest) =>
    parseProjection(type, query.get('attributes'), query.get('excludedattributes'), dialect);

  const showsMembers = (projection: Projection | undefined) => (projection ?? defaultProjection).has(members);

  /** The group's text, whole if its members are all here, else in pieces. */
  const text = (
    viewer: Viewer,
    group: GroupRecord,
    projection: Projection | undefined,
  ): string | AsyncIterable<string> => {
    const { open, member } = presentGroup(group, type, base, projection);
    const first = group.members;
    if (member === undefined || first === undefined || first.items.length === 0) return `${open}}`;
    if (!first.more) return `${open},"members":[${first.items.map(member).join()}]}`;
    return (async function* () {
      let separator = `${open},"members":[`;
      for await (const items of queries.memberPages(viewer, group.id, first)) {
        if (items.length === 0) continue;
        yield separator + items.map(member).join();
        separator = ',';
      }
      yield ']}';
    })();
  };

  const answer = async (
    request: ScimRequest,
    status: number,
    id: GroupId,
    projection: Projection | undefined,
  ) => {
    const group = await queries.findGroup(request.by, id, showsMembers(projection));
    if (group === undefined) throw notFound(id);
    if (
      status === 200 &&
      request.ifNoneMatch !== undefined &&
      versionMatches(request.ifNoneMatch, groupVersion(group))
    ) {
      return { status: 304, headers: { ETag: groupVersion(group) } };
    }
    return {
      status,
      headers: resourceHeaders(request.dialect, `${base}/Groups/${group.id}`, groupVersion(group)),
      body: text(request.by, group, projection),
    };
  };

  const mayChange = ({ ifMatch }: ScimRequest) =>
    ifMatch === undefined
      ? undefined
      : (current: GroupRecord) => versionMatches(ifMatch, groupVersion(current));

  return {
    type,

    create: async (request) => {
      const projection = projectionOf(request);
      const resource = coerceResource(type, await request.body(), request.dialect);
      checkResource(type, resource);
      const id = await commands.create(request.by, groupFields(resource), memberIds(resource['members']));
      const added = memberIds(resource['members']).size;
      noteGroupChange(request, id, 'group.created', { attributes: [], added, removed: 0 });
      return answer(request, 201, id, projection);
    },

    read: async (request, id) => answer(request, 200, knownId(id), projectionOf(request)),

    find: async (request, { page, projection }) => {
      const { total, items } = await queries.listGroups(request.by, page, showsMembers(projection));
      return { total, resources: items.map((group) => text(request.by, group, projection)) };
    },

    findAfter: async (request, { page, projection }, after) => {
      const members = showsMembers(projection);
      const { items, ...rest } = await queries.listGroupsAfter(request.by, page, members, after);
      return { ...rest, resources: items.map((group) => text(request.by, group, projection)) };
    },

    replace: async (request, id) => {
      const projection = projectionOf(request);
      const group = knownId(id);
      const body = await request.body();
      const resource = coerceResource(type, body, request.dialect);
      checkResource(type, resource);
      const mentioned = new Set(isObject(body) ? Object.keys(body).map((name) => name.toLowerCase()) : []);
      // Clients leave `members` out when the last one goes, so PUT clears what it leaves out (RFC 7644 §3.5.1).
      const delta: MemberDelta = { clear: true, add: memberIds(resource['members']), remove: new Set() };
      const changed = await commands.update(request.by, group, {
        change: (current) => {
          const next = mentioned.has('externalid')
            ? resource
            : { ...resource, externalId: current.externalId };
          return groupFields(keepImmutable(type, groupResource(current), next));
        },
        members: delta,
        mayChange: mayChange(request),
      });
      noteGroupChange(request, group, 'group.updated', changed);
      return answer({ ...request, ifNoneMatch: undefined }, 200, group, projection);
    },

    patch: async (request, id) => {
      const projection = projectionOf(request);
      const group = knownId(id);
      const operations = parsePatch(await request.body(), type, request.dialect);
      const onMembers = operations.filter(({ attribute }) => attribute === members);
      const others = operations.filter(({ attribute }) => attribute !== members);
      const delta = foldMembers(onMembers, request.dialect);
      const changed = await commands.update(request.by, group, {
        change:
          others.length === 0 && changesMembers(delta)
            ? undefined
            : (current) => {
                const resource = groupResource(current);
                applyPatch(resource, others, request.dialect);
                checkResource(type, resource);
                return groupFields(resource);
              },
        members: delta,
        mayChange: mayChange(request),
      });
      noteGroupChange(request, group, 'group.updated', changed);
      if (projection === undefined)
        return { status: 204, headers: changedHeaders(`${base}/Groups/${group}`) };
      return answer({ ...request, ifNoneMatch: undefined }, 200, group, projection);
    },

    remove: async (request, id) => {
      await commands.remove(request.by, knownId(id), mayChange(request));
      noteChange(request, ['group', id.toLowerCase()], [{ action: 'group.deleted' }]);
      return { status: 204 };
    },
  };
}

function noteGroupChange(
  request: ScimRequest,
  group: GroupId,
  action: 'group.created' | 'group.updated',
  { attributes, added, removed }: GroupChange,
): void {
  noteChange(
    request,
    ['group', group],
    [
      ...(action === 'group.created' ? [{ action }] : []),
      ...(attributes.length > 0 ? [{ action: 'group.updated', attributes }] : []),
      ...(added > 0 ? [{ action: 'group.member_added', count: added }] : []),
      ...(removed > 0 ? [{ action: 'group.member_removed', count: removed }] : []),
    ],
  );
}

/**
 * The headers of a PATCH's 204. SCIM-SDK treats one without a content type as a failure (RFC 7644 §3.5.2.1 shows
 * both). The version would cost a read of the group: see docs/conformance.md.
 */
function changedHeaders(location: string): Record<string, string> {
  return { 'Content-Type': 'application/scim+json; charset=utf-8', Location: location };
}

function knownId(id: string): GroupId {
  const known = parseGroupId(id);
  if (known === undefined) throw notFound(id);
  return known;
}

function notFound(id: string): ScimError {
  return resourceNotFound('group', id);
}
