import type { User } from '../../../api/schema.d.ts';
import { ElevateDialog } from './elevate-dialog.tsx';
import { GroupsDialog } from './groups-dialog.tsx';
import { DeactivateDialog, DeleteDialog } from './leave-dialogs.tsx';
import { OffboardDialog } from './offboard-dialog.tsx';
import { RoleDialog } from './role-dialog.tsx';
import { ActivateDialog, ExportDialog, ResendDialog, RestoreDialog, UnlockDialog } from './short-dialogs.tsx';

/** What is asked about a user. */
export interface UserDialog {
  readonly act:
    | 'role'
    | 'groups'
    | 'elevate'
    | 'deactivate'
    | 'activate'
    | 'delete'
    | 'restore'
    | 'unlock'
    | 'resend'
    | 'export'
    | 'offboard';
  readonly user: User;
}

const DIALOGS = {
  role: RoleDialog,
  groups: GroupsDialog,
  elevate: ElevateDialog,
  deactivate: DeactivateDialog,
  activate: ActivateDialog,
  delete: DeleteDialog,
  restore: RestoreDialog,
  unlock: UnlockDialog,
  resend: ResendDialog,
  export: ExportDialog,
  offboard: OffboardDialog,
} as const;

/** The dialog for what is asked. */
export function UserDialogs({
  dialog,
  onClose,
}: {
  readonly dialog: UserDialog;
  readonly onClose: () => void;
}) {
  const Asked = DIALOGS[dialog.act];
  return <Asked key={`${dialog.act} ${dialog.user.id}`} user={dialog.user} onClose={onClose} />;
}
