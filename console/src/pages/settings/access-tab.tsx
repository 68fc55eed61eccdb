import { Select } from '@mantine/core';
import { useMe } from '../../api/me.ts';
import { counted } from '../../components/words.ts';
import { Choice, Count } from './fields.tsx';
import { type Settings, SettingsForm } from './use-settings.tsx';

const UNLOCKS = [
  ['never', 'Only an administrator unlocks it'],
  ['15', 'After 15 minutes'],
  ['30', 'After 30 minutes'],
  ['60', 'After 1 hour'],
  ['1440', 'After 1 day'],
] as const;

/** Who may get which role, and how long a sign-in lasts. */
export function AccessTab({ settings }: { readonly settings: Settings }) {
  const { user } = useMe();
  return (
    <>
      <SettingsForm
        title="Roles"
        about="Limits on who may have and give a role."
        what="the rules for roles"
        keys={['onlyOwnersGrantAdmin', 'trainingRequired']}
        settings={settings}
      >
        {({ value, set }) => (
          <>
            <Choice
              label="Only owners grant admin"
              description={
                user.owner
                  ? 'Other admins give every role below.'
                  : 'Other admins give every role below. Only owners change this.'
              }
              disabled={!user.owner}
              checked={value.onlyOwnersGrantAdmin}
              onChange={(only) => set('onlyOwnersGrantAdmin', only)}
            />
            <Choice
              label="Security training first"
              description="No role above readonly before the security training is done."
              checked={value.trainingRequired}
              onChange={(required) => set('trainingRequired', required)}
            />
          </>
        )}
      </SettingsForm>
      <SettingsForm
        title="Temporary roles"
        about="Whether someone who asks for a higher role for a while waits for an approval. Otherwise they have it at once."
        what="the rules for approvals"
        keys={['elevationApproval']}
        settings={settings}
      >
        {({ value: { elevationApproval }, set }) => (
          <>
            {(['train', 'configure', 'admin'] as const).map((role) => (
              <Choice
                key={role}
                label={`${role} needs an approval`}
                checked={elevationApproval[role]}
                onChange={(needed) => set('elevationApproval', { ...elevationApproval, [role]: needed })}
              />
            ))}
          </>
        )}
      </SettingsForm>
      <SettingsForm
        title="Sign-in"
        about="When a session ends, and how an account that is locked after failed sign-ins is unlocked."
        what="the rules for sign-in"
        keys={['sessionIdleMinutes', 'sessionMaxHours', 'autoUnlockMinutes']}
        settings={settings}
      >
        {({ value, set, about }) => (
          <>
            <Count
              label="A session ends unused after"
              description="Minutes without a request."
              suffix=" minutes"
              min={5}
              max={43_200}
              value={value.sessionIdleMinutes}
              error={about('sessionIdleMinutes')}
              onChange={(minutes) => set('sessionIdleMinutes', minutes)}
            />
            <Count
              label="A session ends at the latest after"
              description="Even if it is used."
              suffix=" hours"
              min={1}
              max={2_160}
              value={value.sessionMaxHours}
              error={about('sessionMaxHours')}
              onChange={(hours) => set('sessionMaxHours', hours)}
            />
            <Select
              label="A locked account unlocks itself"
              data={[
                ...UNLOCKS.map(([minutes, label]) => ({ value: minutes, label })),
                ...(value.autoUnlockMinutes === null ||
                UNLOCKS.some(([minutes]) => minutes === String(value.autoUnlockMinutes))
                  ? []
                  : [
                      {
                        value: String(value.autoUnlockMinutes),
                        label: `After ${counted(value.autoUnlockMinutes, 'minute', 'minutes')}`,
                      },
                    ]),
              ]}
              value={String(value.autoUnlockMinutes ?? 'never')}
              allowDeselect={false}
              error={about('autoUnlockMinutes')}
              onChange={(minutes) => set('autoUnlockMinutes', minutes === 'never' ? null : Number(minutes))}
            />
          </>
        )}
      </SettingsForm>
    </>
  );
}
