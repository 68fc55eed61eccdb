import type { z } from 'zod';

/** What an event can be about. */
export type TargetType =
  | 'organization'
  | 'connection'
  | 'scim_token'
  | 'user'
  | 'group'
  | 'session'
  | 'api_key'
  | 'service_account'
  | 'elevation'
  | 'resource'
  | 'job'
  | 'import'
  | 'job_function'
  | 'webhook'
  | 'sso_connection'
  | 'sso_certificate'
  | 'sso_key'
  | 'sso_domain'
  | 'identity'
  | 'alert'
  | 'undo'
  | 'review'
  | 'audit_stream'
  | 'set_up_link';

/** Whether what was attempted was done. */
export type EventOutcome = 'success' | 'failure';

/** What a feature declares of each of its events, once: what callers may record follows from it. */
export interface EventDeclaration {
  readonly target: TargetType | readonly TargetType[];
  /** What the other party is; an event that declares one always has it. */
  readonly member?: TargetType | readonly TargetType[];
  /** Values before and after, by name, of what is not personal (ADR 0006). */
  readonly values?: Readonly<Record<string, z.ZodType>> | z.ZodRecord;
  /** Whether names of changed personal attributes are recorded. */
  readonly attributes?: true;
  /** Whether a person may say why; what they wrote is removed when a person it concerns is erased (ADR 0030). */
  readonly reason?: true;
  /** `success` unless declared. */
  readonly outcome?: 'failure';
  /**
   * The event in words, without a full stop. `{actor}`, `{target}` and `{member}` are names, `{role}` is the value after
   * and `{role.before}` before, `{kind.words}` a code as words, `{items, item}` a number with its noun, `{minutes.span}`
   * minutes as a time, `{attributes}` the names of what changed, `{values}` all values. A part in brackets is left out
   * if it has nothing to say.
   */
  readonly sentence: string;
  /** The sentence where the target is of such a kind. */
  readonly sentenceAbout?: Readonly<Partial<Record<TargetType, string>>>;
  /** One sentence for the reference of events. */
  readonly meaning: string;
}

/** Declares the events of a feature. @param events by name: `noun.verb_past` */
export function declareEvents<const Events extends Readonly<Record<string, EventDeclaration>>>(
  events: Events,
): Events {
  return events;
}

type OneOf<Types> = Types extends readonly (infer Each)[] ? Each : Types;
type Change<Value> = readonly [before: Value | null, after: Value | null];

export type TargetOf<Declaration extends EventDeclaration> = OneOf<Declaration['target']>;

type ValuesOf<Values> =
  Values extends z.ZodRecord<infer _Key, infer Value>
    ? Readonly<Record<string, Change<z.output<Value>>>>
    : {
        readonly [Name in keyof Values]?: Values[Name] extends z.ZodType
          ? Change<z.output<Values[Name]>>
          : never;
      };

/** The shape of the changes of an event, as its declaration says. */
export type ChangesOf<Declaration extends EventDeclaration> = (Declaration extends {
  readonly attributes: true;
}
  ? { readonly attributes?: readonly string[] }
  : unknown) &
  (Declaration extends { readonly values: infer Values } ? { readonly values?: ValuesOf<Values> } : unknown);

type Recorded<Declaration extends EventDeclaration> = (keyof Declaration &
  ('values' | 'attributes') extends never
  ? { readonly changes?: never }
  : { readonly changes?: ChangesOf<Declaration> }) &
  (Declaration extends { readonly reason: true }
    ? { readonly reason?: string }
    : { readonly reason?: never });

/** An event whose target the statement that writes it knows. */
export type UntargetedEvent<Action extends string, Declaration extends EventDeclaration> = {
  readonly action: Action;
} & Recorded<Declaration>;

/** An event as a command records it. */
export type RecordedEvent<Action extends string, Declaration extends EventDeclaration> = UntargetedEvent<
  Action,
  Declaration
> & {
  readonly target: readonly [type: TargetOf<Declaration>, id: string];
  /** The session that the event is about, if it is not the one of the request. */
  readonly session?: string;
} & (Declaration extends { readonly member: unknown }
    ? { readonly member: string }
    : { readonly member?: never });

/** Why something was done, in the words of the person who did it; nothing if they gave no reason. */
export function statedReason(text: string | undefined): { readonly reason?: string } {
  const reason = text?.trim();
  return reason === undefined || reason === '' ? {} : { reason };
}
