import { EVENTS } from './catalogue.ts';
import type { EventDeclaration } from './declaration.ts';

/** Writes the reference of all events as a page of Markdown. */
export function writeEventReference(): string {
  const rows = Object.entries<EventDeclaration>(EVENTS).map(
    ([name, { target, member, meaning, ...declaration }]) =>
      `| \`${name}\` | ${namesOf(target)} | ${member === undefined ? '' : namesOf(member)} | ${recordedOf(declaration)} | ${meaning} |`,
  );
  return `# Events

Everything that changes is recorded as an event, in the transaction that changes it. Webhooks get events under these names ([webhooks](webhooks.md)). \`rollcall manual --write\` writes this page from the catalogue.

The target is what an event is about, the other party comes as \`memberId\`. Values are \`[before, after]\`; of personal attributes only the names are recorded. A reason is what the person wrote who did it, and an event is a success unless the last sentence says that something was refused.

| event | target | other party | recorded | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

const namesOf = (types: EventDeclaration['target']): string =>
  (typeof types === 'string' ? [types] : types).map((type) => `\`${type}\``).join(' or ');

function recordedOf({ values, attributes, reason }: Omit<EventDeclaration, 'target' | 'meaning'>): string {
  return [
    ...(values === undefined
      ? []
      : [isOpen(values) ? 'the values that changed' : listed(Object.keys(values))]),
    ...(attributes === true ? ['names of attributes'] : []),
    ...(reason === true ? ['reason'] : []),
  ].join('; ');
}

/** Whether the names of the values are not known before. */
const isOpen = (values: NonNullable<EventDeclaration['values']>): boolean => 'keyType' in values;

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
