import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { Section } from '../../components/section.tsx';
import { toast } from '../../components/toast.tsx';
import { Demonstration } from '../demonstration/demonstration.tsx';
import { Choice, Count } from './fields.tsx';
import { LogoSection } from './logo-section.tsx';
import styles from './settings.module.css';
import { type Settings, SettingsForm, useSettingsChange } from './use-settings.tsx';

const AUTOMATIC = new Set(['account_set_up', 'groups_assigned', 'second_factor', 'first_question']);

/** The organization, its newcomers and those who leave. */
export function GeneralTab({ name, settings }: { readonly name: string; readonly settings: Settings }) {
  const { demonstrationOf } = useMe();
  return (
    <>
      <Name name={name} />
      <LogoSection />
      <SettingsForm
        title="Onboarding"
        about="The checklist of every new person. Items with the keys account_set_up, groups_assigned, second_factor and first_question tick themselves."
        what="the onboarding items"
        keys={['onboardingItems']}
        settings={settings}
      >
        {({ value, set, about }) => {
          const items = value.onboardingItems;
          const change = (at: number, changed: Partial<(typeof items)[number]>) =>
            set(
              'onboardingItems',
              items.map((item, place) => (place === at ? { ...item, ...changed } : item)),
            );
          return (
            <>
              {about('onboardingItems') !== undefined && (
                <p className="danger small">{about('onboardingItems')}</p>
              )}
              {items.map((item, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the key of an item is what is typed here
                <div key={at} className={styles.item}>
                  <TextInput
                    aria-label={`Key of item ${at + 1}`}
                    value={item.key}
                    maxLength={60}
                    error={about(`onboardingItems.${at}.key`)}
                    description={AUTOMATIC.has(item.key) ? 'ticks itself' : undefined}
                    inputWrapperOrder={['input', 'description', 'error']}
                    onChange={(event) => change(at, { key: event.currentTarget.value })}
                  />
                  <TextInput
                    aria-label={`Words of item ${at + 1}`}
                    value={item.label}
                    maxLength={200}
                    error={about(`onboardingItems.${at}.label`)}
                    onChange={(event) => change(at, { label: event.currentTarget.value })}
                  />
                  <ActionIcon
                    aria-label={`Remove item ${at + 1}`}
                    onClick={() =>
                      set(
                        'onboardingItems',
                        items.filter((_, place) => place !== at),
                      )
                    }
                  >
                    <IconX size={16} stroke={1.5} />
                  </ActionIcon>
                </div>
              ))}
              <div>
                <Button
                  size="xs"
                  leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />}
                  onClick={() => set('onboardingItems', [...items, { key: '', label: '' }])}
                >
                  Add an item
                </Button>
              </div>
            </>
          );
        }}
      </SettingsForm>
      <SettingsForm
        title="People who leave"
        about="What happens to deleted people. Erasing removes every personal value; their history stays, without a name."
        what="the rules for deleted people"
        keys={['purgeAfterDays', 'scimDeleteIsHard']}
        settings={settings}
      >
        {({ value, set, about }) => (
          <>
            <Count
              label="Erased after"
              description="A deleted person can be restored until then."
              suffix=" days"
              min={1}
              max={3_650}
              value={value.purgeAfterDays}
              error={about('purgeAfterDays')}
              onChange={(days) => set('purgeAfterDays', days)}
            />
            <Choice
              label="A SCIM DELETE erases"
              description="The person is hidden and erased within two hours, unless the deletion turns out to be a part of a mass change."
              checked={value.scimDeleteIsHard}
              onChange={(hard) => set('scimDeleteIsHard', hard)}
            />
          </>
        )}
      </SettingsForm>
      {demonstrationOf === null && (
        <Section
          title="Demonstration"
          about="An organization to look around in, apart from yours. No one can sign in to it."
        >
          <Demonstration />
        </Section>
      )}
    </>
  );
}

function Name({ name }: { readonly name: string }) {
  const [typed, setTyped] = useState(name);
  const save = useSettingsChange();
  const error = save.error instanceof ApiError ? save.error : undefined;
  return (
    <Section title="Organization" about="Its name here, in emails and on the sign-in page.">
      <form
        className="row wrap"
        style={{ alignItems: 'end' }}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(
            { name: typed.trim() },
            {
              onSuccess: () =>
                toast('The name was saved.', () => {
                  setTyped(name);
                  save.mutate({ name });
                }),
            },
          );
        }}
      >
        <TextInput
          className="grow"
          style={{ flexBasis: 240 }}
          label="Name"
          value={typed}
          maxLength={200}
          error={error?.about('name')}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={typed.trim() === name}>
          Save the name
        </Button>
      </form>
      {error !== undefined && error.about('name') === undefined && <Failure error={error} />}
    </Section>
  );
}
