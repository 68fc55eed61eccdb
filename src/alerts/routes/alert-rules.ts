import { z } from 'zod';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import type { Alerts } from '../commands.ts';
import { ALERT_KINDS, SEVERITIES } from '../rules/alert.ts';
import { RULE_SETTINGS, type RuleSettings } from '../settings.ts';
import type { TriedAlert, TriedRule, TryRules } from '../trial.ts';

const rulesShape = z.object(RULE_SETTINGS).meta({ id: 'AlertRules' });
const ruleChanges = z.strictObject(
  Object.fromEntries(ALERT_KINDS.map((kind) => [kind, z.strictObject(RULE_SETTINGS[kind].shape).optional()])),
);

const triedRuleShape = z
  .object({
    kind: z.enum(ALERT_KINDS),
    from: time.nullable().meta({
      description:
        'Since when events were looked at: later than was asked for where there are more than 2,000 of them. Null for a rule about how things are at this moment.',
    }),
    alerts: z.int().meta({ description: 'Alerts that there would be.', example: 3 }),
    alertsAsStored: z.int().meta({ description: 'The same with the rule as it is stored.', example: 5 }),
    examples: z
      .array(
        z.object({
          severity: z.enum(SEVERITIES),
          at: time,
          user: userReference.nullable(),
          connection: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
          why: z.string(),
          comparedWith: z.string(),
        }),
      )
      .meta({ description: 'The latest five of the alerts that there would be.' }),
  })
  .meta({ id: 'TriedAlertRule' });

/** The rules that open alerts. */
export function alertRuleRoutes({
  alerts,
  tryRules,
}: {
  readonly alerts: Alerts;
  readonly tryRules: TryRules;
}): Route[] {
  const tag = 'Alerts';
  const access = 'alerts:manage';
  return [
    route({
      method: 'GET',
      path: '/alert-rules',
      tag,
      summary: 'Read the rules that open alerts',
      access,
      answers: { 200: rulesShape },
      handle: async ({ by }) => ({ status: 200, body: await alerts.rules(by) }),
    }),
    route({
      method: 'PUT',
      path: '/alert-rules',
      tag,
      summary: 'Change rules that open alerts',
      description: 'Rules that are left out stay; of one that is sent, what is left out becomes its default.',
      access,
      body: ruleChanges,
      answers: { 200: rulesShape },
      handle: async ({ by, body }) => {
        await alerts.changeRules(by, body as Partial<RuleSettings>);
        return { status: 200, body: await alerts.rules(by) };
      },
    }),
    route({
      method: 'POST',
      path: '/alert-rules/test',
      tag,
      summary: 'Try rules on what happened',
      description:
        'What rules would have opened in the last days, and what they would have opened as they are stored. Nothing is changed and no one is notified. Networks and devices count as known from the day on which a user was first seen there; the limit of five alerts a user and day does not apply.',
      access,
      body: z.strictObject({
        rules: ruleChanges.default({}).meta({
          description: 'Rules with the settings to try; all rules as they are stored if it is empty.',
        }),
        days: z.int().min(1).max(30).default(7),
      }),
      answers: { 200: z.object({ data: z.array(triedRuleShape) }) },
      handle: async ({ by, body: { rules, days } }) => ({
        status: 200,
        body: { data: (await tryRules(by, rules as Partial<RuleSettings>, days)).map(presentTried) },
      }),
    }),
  ];
}

const presentTried = ({ from, examples, ...rule }: TriedRule): z.input<typeof triedRuleShape> => ({
  ...rule,
  from: from ?? null,
  examples: examples.map(presentExample),
});

const presentExample = ({ severity, at, user, connection, detail }: TriedAlert) => ({
  severity,
  at,
  user: user === undefined ? null : presentUser({ ...user, type: 'user' }),
  connection: connection === undefined ? null : { id: connection.id, name: connection.name },
  why: detail.why,
  comparedWith: detail.comparedWith,
});
