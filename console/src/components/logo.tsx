import styles from './logo.module.css';

/** The logo of the organization, whose name stands beside it. */
export function Logo({
  src,
  alt = '',
  large = false,
}: {
  readonly src: string;
  /** Where no name stands beside it. */
  readonly alt?: string;
  readonly large?: boolean;
}) {
  return <img className={styles.logo} data-large={large || undefined} src={src} alt={alt} />;
}
