import { Checkbox } from '@mantine/core';
import type { User } from '../../../api/schema.d.ts';

/** Whether a directory has to be overruled to change the status of a user; only owners may. */
export const isManaged = (user: User): boolean => user.managedBy === 'scim';

/** The query of a change that overrules the directory. */
export const insisting = (insists: boolean) => (insists ? { query: { force: 'true' as const } } : {});

/** Lets an owner overrule the directory, and says what follows. */
export function Insist({
  user,
  checked,
  onChange,
}: {
  readonly user: User;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  if (!isManaged(user)) return null;
  return (
    <Checkbox
      label="Do it here even though the directory manages this user"
      description="The directory may undo it with its next sync: do it there as well."
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
