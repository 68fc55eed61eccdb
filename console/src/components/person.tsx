import type { ReactNode } from 'react';
import styles from './marks.module.css';

/** @returns at most two letters of a name, or of an address */
function monogram(name: string): string {
  const segmenter = new Intl.Segmenter();
  const words = name.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    word === undefined ? '' : ([...segmenter.segment(word)][0]?.segment ?? ''),
  );
  return letters.join('').toLocaleUpperCase() || '?';
}

export function Avatar({ name, size }: { readonly name: string; readonly size?: 'small' | 'large' }) {
  return (
    <span className={styles.avatar} data-size={size} aria-hidden="true">
      {monogram(name)}
    </span>
  );
}

/** A person as lists show them: monogram, name, address. Names may run in either direction. */
export function Person({
  name,
  email,
  size,
  below,
  children,
}: {
  readonly name: string | null;
  readonly email: string | null;
  readonly size?: 'small';
  /** Stands in the place of the address. */
  readonly below?: ReactNode;
  /** Stands in the place of the name, a link for instance. */
  readonly children?: ReactNode;
}) {
  const shown = name ?? email ?? 'Deleted user';
  return (
    <span className={styles.person}>
      <Avatar name={shown} {...(size === undefined ? {} : { size })} />
      <div>
        <span className={styles.personName} dir="auto" title={shown}>
          {children ?? shown}
        </span>
        {below ??
          (name !== null && email !== null && size !== 'small' && (
            <span className={styles.personEmail} dir="auto" title={email}>
              {email}
            </span>
          ))}
      </div>
    </span>
  );
}

/** @returns how a user is called in a sentence */
export const nameOf = (user: { readonly name: string | null; readonly email: string | null }): string =>
  user.name ?? user.email ?? 'a deleted user';
