import { Button } from '@mantine/core';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { SettingsResponse } from '../../api/schema.d.ts';
import { Failure } from '../../components/failure.tsx';
import { Section } from '../../components/section.tsx';
import { toast } from '../../components/toast.tsx';

export type Settings = SettingsResponse['settings'];

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => dataOf(api.GET('/settings')),
});

export interface SettingsChange {
  readonly name?: string;
  readonly settings?: Partial<Settings>;
}

/** A change of settings: only what is named changes, and the message offers to take it back. */
export function useSettingsChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: SettingsChange) => dataOf(api.PATCH('/settings', { body: change as never })),
    onSuccess: (saved) => queries.setQueryData(settingsQuery.queryKey, saved),
    onSettled: () =>
      Promise.all(
        [['settings'], ['me'], ['posture']].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}

export interface Draft<Key extends keyof Settings> {
  readonly value: Pick<Settings, Key>;
  readonly set: <Changed extends Key>(key: Changed, value: Settings[Changed]) => void;
  /** The sentence that belongs beside a field: `postureLimits.owners`. */
  readonly about: (path: string) => string | undefined;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Settings that belong together: they are saved with one button, which names them. */
export function SettingsForm<Key extends keyof Settings>({
  title,
  about,
  what,
  keys,
  settings,
  children,
}: {
  readonly title: string;
  readonly about: ReactNode;
  /** Ends the words of the button and of the message: `the limits`. */
  readonly what: string;
  readonly keys: readonly Key[];
  readonly settings: Settings;
  readonly children: (draft: Draft<Key>) => ReactNode;
}) {
  const [changed, setChanged] = useState<Partial<Pick<Settings, Key>>>({});
  const save = useSettingsChange();
  const value = { ...settings, ...changed };
  const differing = keys.filter((key) => !same(value[key], settings[key]));
  const error = save.error instanceof ApiError ? save.error : undefined;
  const take = (source: Settings) =>
    Object.fromEntries(differing.map((key) => [key, source[key]])) as Partial<Settings>;
  const submit = () => {
    const before = take(settings);
    save.mutate(
      { settings: take(value) },
      {
        onSuccess: () => {
          setChanged({});
          toast(`Saved ${what}.`, () => save.mutate({ settings: before }));
        },
      },
    );
  };
  const fieldErrors = error?.errors.filter(({ path }) => path.startsWith('settings.')) ?? [];
  return (
    <Section title={title} about={about}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {save.error !== null && fieldErrors.length === 0 && <Failure error={save.error} />}
        {children({
          value,
          set: (key, next) => setChanged((now) => ({ ...now, [key]: next })),
          about: (path) => error?.about(`settings.${path}`),
        })}
        {differing.length > 0 && (
          <div className="row wrap">
            <Button type="submit" variant="filled" loading={save.isPending}>
              Save {what}
            </Button>
            <Button
              onClick={() => {
                setChanged({});
                save.reset();
              }}
            >
              Discard the changes
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}
