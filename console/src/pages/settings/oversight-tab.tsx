import { Select, TagsInput } from '@mantine/core';
import { GroupPicker } from '../users/group-picker.tsx';
import { Choice, Count } from './fields.tsx';
import { ReviewersPicker } from './reviewers-picker.tsx';
import styles from './settings.module.css';
import { type Settings, SettingsForm } from './use-settings.tsx';

const LIMITS = [
  ['owners', 'Owners', ''],
  ['adminPercent', 'Active people who are admin', ' %'],
  ['configurePercent', 'Active people who are configure', ' %'],
  ['privilegedWithoutSecondFactor', 'Admins and managers who sign in with a password alone', ''],
  ['withoutSecondFactorPercent', 'Active people who sign in with a password alone', ' %'],
  ['inactivePercent', 'Active people without activity for 90 days', ' %'],
  ['outsideSsoPercent', 'Active people who cannot sign in through a provider', ' %'],
  ['unusedServiceAccounts', 'Service accounts whose keys were not used for 90 days', ''],
  ['unusedApiKeys', 'API keys that were not used for 90 days', ''],
  ['apiKeysWithoutExpiry', 'API keys that never expire', ''],
] as const;

/** Access reviews that open by themselves, what counts as too much power, and the seals of the audit trail. */
export function OversightTab({ settings }: { readonly settings: Settings }) {
  return (
    <>
      <SettingsForm
        title="Review schedule"
        about="Access reviews that open automatically at the beginning of each period."
        what="the review schedule"
        keys={['reviewSchedule']}
        settings={settings}
      >
        {({ value: { reviewSchedule }, set, about }) => {
          const change = (changed: Partial<typeof reviewSchedule>) =>
            set('reviewSchedule', { ...reviewSchedule, ...changed });
          const { scope, reviewers } = reviewSchedule;
          const scoped = (changed: Partial<typeof scope>) => change({ scope: { ...scope, ...changed } });
          return (
            <>
              <Choice
                label="Reviews open automatically"
                checked={reviewSchedule.enabled}
                onChange={(enabled) => change({ enabled })}
              />
              <Select
                label="How often"
                data={[
                  { value: 'monthly', label: 'Every month' },
                  { value: 'quarterly', label: 'Every quarter' },
                  { value: 'half_yearly', label: 'Every half-year' },
                  { value: 'yearly', label: 'Every year' },
                ]}
                value={reviewSchedule.frequency}
                allowDeselect={false}
                error={about('reviewSchedule.frequency')}
                onChange={(frequency) => change({ frequency: frequency ?? 'quarterly' })}
              />
              <Choice
                label="People are reviewed"
                checked={scope.users}
                onChange={(users) => scoped({ users })}
              />
              <Choice
                label="Only those whose role is configure or admin"
                checked={scope.privileged}
                onChange={(privileged) => scoped({ privileged })}
              />
              <GroupPicker
                label="Only members of these groups"
                description="None chosen: everyone."
                value={scope.groups ?? []}
                error={about('reviewSchedule.scope.groups')}
                onChange={(groups) => {
                  const { groups: _, ...rest } = scope;
                  change({ scope: groups.length === 0 ? rest : { ...rest, groups: [...groups] } });
                }}
              />
              <Choice
                label="Service accounts and API keys are reviewed"
                checked={scope.programs}
                onChange={(programs) => scoped({ programs })}
              />
              <ReviewersPicker
                rule={reviewers.rule}
                users={reviewers.users ?? []}
                error={about('reviewSchedule.reviewers.users') ?? about('reviewSchedule.reviewers')}
                onChange={(rule, users) =>
                  change({ reviewers: rule === 'people' ? { rule, users: [...users] } : { rule } })
                }
              />
              <Count
                label="Due after"
                suffix=" days"
                min={1}
                max={90}
                value={reviewSchedule.daysUntilDue}
                error={about('reviewSchedule.daysUntilDue')}
                onChange={(daysUntilDue) => change({ daysUntilDue })}
              />
              <Count
                label="A person counts as inactive after"
                suffix=" days"
                min={1}
                max={3_650}
                value={reviewSchedule.inactiveDays}
                error={about('reviewSchedule.inactiveDays')}
                onChange={(inactiveDays) => change({ inactiveDays })}
              />
              <Select
                label="What is undecided at the close"
                data={[
                  { value: 'leave', label: 'Stays undecided' },
                  { value: 'keep', label: 'Counts as kept' },
                ]}
                value={reviewSchedule.undecided}
                allowDeselect={false}
                onChange={(undecided) => change({ undecided: undecided ?? 'leave' })}
              />
            </>
          );
        }}
      </SettingsForm>
      <SettingsForm
        title="Posture limits"
        about="The posture warns above these numbers. A warning stops no one."
        what="the limits"
        keys={['postureLimits']}
        settings={settings}
      >
        {({ value: { postureLimits }, set, about }) => (
          <div className={styles.limits}>
            {LIMITS.map(([key, label, suffix]) => (
              <Count
                key={key}
                label={label}
                suffix={suffix}
                min={0}
                max={suffix === ' %' ? 100 : 1_000_000}
                value={postureLimits[key]}
                error={about(`postureLimits.${key}`)}
                onChange={(limit) => set('postureLimits', { ...postureLimits, [key]: limit })}
              />
            ))}
          </div>
        )}
      </SettingsForm>
      <SettingsForm
        title="Seals of the audit trail"
        about="The newest seal is emailed once a day, so that no one can rewrite the trail unnoticed. Use addresses that the owner of the database cannot reach."
        what="the seal recipients"
        keys={['sealRecipients']}
        settings={settings}
      >
        {({ value: { sealRecipients }, set, about }) => (
          <TagsInput
            label="Addresses"
            placeholder={sealRecipients.length === 0 ? 'auditor@example.com' : ''}
            value={sealRecipients}
            error={
              about('sealRecipients') ??
              sealRecipients.map((_, at) => about(`sealRecipients.${at}`)).find(Boolean)
            }
            onChange={(addresses) => set('sealRecipients', addresses)}
          />
        )}
      </SettingsForm>
    </>
  );
}
