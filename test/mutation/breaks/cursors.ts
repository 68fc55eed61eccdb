import { type Break, breaksOf } from '../break.ts';

const CURSORS = 'test/scim/cursors.test.ts';
const ERRORS = 'test/scim/cursor-errors.test.ts';
const ORDERS = 'test/scim/cursor-orders.test.ts';

/** Lists that are read by cursors (RFC 9865), and the SQL of their pages. */
export const cursorBreaks: readonly Break[] = [
  ...breaksOf(
    'src/scim/cursor.ts',
    [ERRORS, CURSORS],
    [
      'if (content === undefined || content[0] !== scopeOf(query)) {',
      'if (content === undefined) {',
      'A cursor of one organization or query reads another.',
    ],
    [
      'if (now().getTime() - issuedAt > CURSOR_TIMEOUT * 1_000) {',
      'if (now().getTime() - issuedAt > CURSOR_TIMEOUT * 9_000) {',
      'A cursor is valid for longer than ServiceProviderConfig says.',
    ],
    [
      'if (limit !== query.limit) {',
      'if (limit > query.limit) {',
      'A page may have more than the first had.',
    ],
    [
      'JSON.stringify([by.org, by.connection, endpoint, parameters])',
      'JSON.stringify([by.connection, by.connection, parameters])',
      'A cursor of users is read as one of groups.',
    ],
    [
      'JSON.stringify([by.org, by.connection, endpoint, parameters])',
      'JSON.stringify([by.org, by.org, endpoint, parameters])',
      'A cursor of one connection is valid for another.',
    ],
    [
      'JSON.stringify([by.org, by.connection, endpoint, parameters])',
      'JSON.stringify([by.org, by.connection, endpoint])',
      'A cursor of one filter continues in another.',
    ],
    [
      'return { kind, after: id === null ? undefined : { id, key } };',
      'return { kind, after: id === null ? undefined : { id, key: undefined } };',
      'A sorted list continues by id alone.',
    ],
    [
      'return { kind, after: id === null ? undefined : { id, key } };',
      'return { kind: kind * 0, after: id === null ? undefined : { id, key } };',
      'A list of users and groups never comes to the groups.',
    ],
    [
      'if (!FORM.test(cursor)) return undefined;',
      "if (cursor === '') return undefined;",
      'A cursor of any length and form is opened.',
    ],
  ),
  ...breaksOf(
    'src/scim/cursor-list.ts',
    [CURSORS, ERRORS, ORDERS],
    [
      'if (kinds.some(({ list }) => list.startIndex > 1)) {',
      'if (kinds.some(({ list }) => list.startIndex > 9)) {',
      'A startIndex beside a cursor is ignored without a word.',
    ],
    [
      "if (kinds.length > 1 && (parameters.get('sortby') ?? '') !== '') {",
      "if (kinds.length > 9 && (parameters.get('sortby') ?? '') !== '') {",
      'Users and groups in one order come one after the other.',
    ],
    ['if (index < start.kind) continue;', '', 'The groups of a list begin with the users again.'],
    [
      'const after = index === start.kind ? start.after : undefined;',
      'const after = start.after;',
      'The groups begin behind the id of a user.',
    ],
    [
      'const room = next === undefined ? limit - resources.length : 0;',
      'const room = next === undefined ? limit : 0;',
      'A page has more resources than its count.',
    ],
    ['next ??= { kind: index, after: undefined };', '', 'A list ends before its groups.'],
    [
      'total: isFirstPage || kinds.length === 1 ? sum(totals) : undefined,',
      'total: sum(totals),',
      'A later page of users and groups has a total that leaves some out.',
    ],
    [
      'kinds.map(({ list: { page } }) => [page.where ?? null, page.sort ?? null]),',
      'kinds.map(({ list: { page } }) => [page.where ?? null]),',
      'A cursor of one order continues in another.',
    ],
    [
      "parameters.get('excludedattributes') ?? '',",
      "'',",
      'A cursor continues with other attributes than the first page had.',
    ],
    [
      'if (found.next !== undefined) next = { kind: index, after: found.next };',
      '',
      'A list ends with its first page.',
    ],
  ),
  ...breaksOf(
    'src/directory/search/store/keyset.ts',
    [ORDERS, CURSORS],
    [
      "const sign = descending ? '<' : '>';",
      "const sign = descending ? '>' : '>';",
      'A descending list turns round at its second page.',
    ],
    [
      'return [`${key} ${sign}= ${bound}`, `(${key} ${sign} ${bound} or ${greaterId(bindings)})`];',
      'return [`${key} ${sign} ${bound}`];',
      'Resources with the same value are left out at the end of a page.',
    ],
    [
      'return [`${key} ${sign}= ${bound}`, `(${key} ${sign} ${bound} or ${greaterId(bindings)})`];',
      'return [`${key} ${sign}= ${bound}`];',
      'Resources with the same value come twice, and a list may never end.',
    ],
    [
      'return descending ? [beyondValue] : [beyondValue, () => [`${key} is null`]];',
      'return [beyondValue];',
      'Users without a value are left out of a sorted list.',
    ],
    [
      'return descending ? [withoutValue, () => [`${key} is not null`]] : [withoutValue];',
      'return [withoutValue];',
      'A descending list ends with the users who have no value.',
    ],
    [
      'const withoutValue: KeysetPart = (bindings) => [`${key} is null`, greaterId(bindings)];',
      'const withoutValue: KeysetPart = () => [`${key} is null`];',
      'Users without a value come again on every page.',
    ],
    [
      "return `${key} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}, ${id}`;",
      "return `${key} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}`;",
      'Resources with the same value have no order.',
    ],
    [
      "return `${key} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}, ${id}`;",
      "return `${key} ${sort.descending ? 'desc nulls last' : 'asc nulls last'}, ${id}`;",
      'A descending list has the users without a value at its end.',
    ],
    [
      'return isShortened ? `left(${sql}, ${MAX_SORTED_TEXT})` : sql;',
      'return isShortened ? `left(${sql}, ${MAX_SORTED_TEXT * 40})` : sql;',
      'A cursor of a long text is too long to be read again.',
    ],
  ),
];
