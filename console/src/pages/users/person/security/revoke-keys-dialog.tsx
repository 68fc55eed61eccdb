import type { ApiKey, User } from '../../../../api/schema.d.ts';
import { Dialog } from '../../../../components/dialog.tsx';
import { nameOf } from '../../../../components/person.tsx';
import { Time } from '../../../../components/time.tsx';
import { counted } from '../../../../components/words.ts';
import { KeyState } from '../../../api-keys/keys.tsx';
import styles from '../../acts/acts.module.css';

const lastUse = ({ lastUsedAt }: ApiKey) => lastUsedAt ?? '';

/** Asks before all keys of a person are revoked: each with its last use, the one used last first. */
export function RevokeKeysDialog({
  user,
  keys,
  revoke,
  revoking,
  error,
  onClose,
}: {
  readonly user: User;
  /** Those that are not revoked yet. */
  readonly keys: readonly ApiKey[];
  readonly revoke: () => void;
  readonly revoking: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
}) {
  const one = keys.length === 1;
  return (
    <Dialog
      title={one ? `Revoke the API key of ${nameOf(user)}?` : `Revoke all API keys of ${nameOf(user)}?`}
      consequence={`What uses ${one ? 'it' : 'them'} is refused from now on. This cannot be undone, but other keys can be made.`}
      act={`Revoke ${counted(keys.length, 'API key', 'API keys')}`}
      danger
      acting={revoking}
      error={error}
      onClose={onClose}
      onAct={revoke}
    >
      <section>
        <h3 style={{ marginBottom: 6 }}>What stops for good</h3>
        <ul className={styles.results}>
          {keys
            .toSorted((a, b) => lastUse(b).localeCompare(lastUse(a)))
            .map((key) => (
              <li key={key.id}>
                <b className="grow ellipsis" dir="auto" title={key.name}>
                  {key.name}
                </b>
                {key.state !== 'active' && <KeyState state={key.state} />}
                <span className="muted">
                  {key.lastUsedAt === null ? 'never used' : 'last used '}
                  {key.lastUsedAt !== null && <Time at={key.lastUsedAt} />}
                </span>
              </li>
            ))}
        </ul>
      </section>
    </Dialog>
  );
}
