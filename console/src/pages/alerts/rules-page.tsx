import { Button, NumberInput, Switch, TagsInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { AlertRules } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './alerts.module.css';
import { RuleTrial } from './rule-trial.tsx';
import { type AlertKind, KINDS } from './use-alerts.ts';
import { type WorkingHours, WorkingHoursFields } from './working-hours-fields.tsx';

type Rule = AlertRules[AlertKind];

interface NumberField {
  readonly field: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
}

/** What each rule watches, and the numbers that can be set of it. */
const RULES: Readonly<
  Record<AlertKind, { readonly watches: string; readonly numbers?: readonly NumberField[] }>
> = {
  new_location: {
    watches:
      'A sign-in from a network that the user has not used for 90 days, and that fewer than two others use. A known device makes it less urgent.',
  },
  failed_sign_ins: { watches: 'Too many wrong passwords in a row have locked an account.' },
  password_spraying: {
    watches: 'Sign-ins of many users fail from one address within 15 minutes.',
    numbers: [
      { field: 'failures', label: 'Minimum failures', min: 3, max: 10_000 },
      { field: 'users', label: 'Minimum users', min: 2, max: 1_000 },
    ],
  },
  sensitive_action: {
    watches:
      'Something that administrators rarely do and an attacker would do first, for the first time in 30 days.',
  },
  off_hours: {
    watches:
      'A sign-in outside working hours, by a user who does not usually sign in then. The hours of a user or of their groups take precedence.',
  },
  query_volume: {
    watches: 'Far more queries in an hour than in the user’s comparable hours of the last eight weeks.',
  },
  mass_change: {
    watches: 'A connection deactivates or deletes an unusual share of the users that it provisions.',
    numbers: [
      { field: 'percent', label: 'Minimum per cent', min: 1, max: 100 },
      { field: 'atLeast', label: 'Minimum users', min: 1, max: 100_000 },
      { field: 'windowMinutes', label: 'Within minutes', min: 5, max: 1_440 },
    ],
  },
  expiring: {
    watches: 'A SCIM token, a certificate or an API key expires.',
    numbers: [{ field: 'days', label: 'Days before expiry', min: 1, max: 90 }],
  },
  silent_connection: {
    watches: 'A SCIM connection has stopped sending requests.',
    numbers: [{ field: 'hours', label: 'After this many hours', min: 1, max: 720 }],
  },
  failing_stream: {
    watches: 'Events do not reach an audit stream.',
    numbers: [{ field: 'hours', label: 'After this many hours', min: 1, max: 720 }],
  },
  missing_domain_record: {
    watches: 'The DNS record that proves a verified domain is not found.',
    numbers: [{ field: 'hours', label: 'After this many hours', min: 1, max: 720 }],
  },
};

/** The rules that open alerts, each with its thresholds. */
export function AlertRulesPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['alerts', 'rules'],
    queryFn: () => dataOf(api.GET('/alert-rules')),
  });
  return (
    <Page title="Alert rules" parent={{ to: '/alerts', label: 'Alerts' }}>
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <div className={styles.rules}>
          {(Object.keys(RULES) as AlertKind[]).map((kind) => (
            <div key={kind} className={styles.rule}>
              <RuleCard key={JSON.stringify(data[kind])} kind={kind} rule={data[kind]} />
            </div>
          ))}
        </div>
      )}
    </Page>
  );
}

function RuleCard({ kind, rule }: { readonly kind: AlertKind; readonly rule: Rule }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Rule>(rule);
  const save = useMutation({
    mutationFn: (next: Rule) => dataOf(api.PUT('/alert-rules', { body: { [kind]: next } })),
    onSuccess: (rules, next) => {
      // Not of what takes it back.
      if (next !== rule) toast(`The rule “${KINDS[kind]}” was changed.`, () => save.mutate(rule));
      queries.setQueryData(['alerts', 'rules'], rules);
    },
  });
  const { watches, numbers = [] } = RULES[kind];
  const change = (part: object) => setDraft({ ...draft, ...part } as Rule);
  const changed = JSON.stringify(draft) !== JSON.stringify(rule);
  const about = (field: string) =>
    save.error instanceof ApiError
      ? (save.error.about(`${kind}.${field}`) ??
        save.error.errors.find(({ path }) => path.startsWith(`${kind}.${field}`))?.message)
      : undefined;
  const beside = Object.keys(draft).some((field) => about(field) !== undefined);
  return (
    <Card
      title={KINDS[kind]}
      acts={
        <Switch
          aria-label={`${KINDS[kind]} opens alerts`}
          checked={draft.enabled}
          onChange={(event) => change({ enabled: event.currentTarget.checked })}
        />
      }
    >
      <p className="muted">{watches}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(draft);
        }}
      >
        {save.error !== null && !beside && <Failure error={save.error} />}
        {numbers.length > 0 && (
          <div className="row wrap" style={{ alignItems: 'start' }}>
            {numbers.map(({ field, label, min, max }) => (
              <NumberInput
                key={field}
                label={label}
                w={150}
                min={min}
                max={max}
                allowDecimal={false}
                value={draft[field as keyof Rule] as unknown as number}
                error={about(field)}
                onChange={(value) => typeof value === 'number' && change({ [field]: value })}
              />
            ))}
          </div>
        )}
        {'allowedNetworks' in draft && (
          <TagsInput
            label="Networks of the organization"
            description="Sign-ins from these open no alert, such as 198.51.100.0/24 or 2001:db8:1::/48."
            value={[...draft.allowedNetworks]}
            maxTags={200}
            error={about('allowedNetworks')}
            onChange={(allowedNetworks) => change({ allowedNetworks })}
          />
        )}
        {'timeZone' in draft && (
          <WorkingHoursFields hours={draft as WorkingHours} about={about} onChange={change} />
        )}
        <RuleTrial kind={kind} draft={draft} isChanged={changed}>
          {changed && (
            <>
              <Button type="submit" variant="filled" loading={save.isPending}>
                Save the rule
              </Button>
              <Button variant="subtle" onClick={() => setDraft(rule)}>
                Discard the change
              </Button>
            </>
          )}
        </RuleTrial>
      </form>
    </Card>
  );
}
