import { type Query, useIsFetching } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import styles from './loading-sign.module.css';

/** What is quicker needs no sign. */
const AFTER_MS = 500;

/** Nothing is shown of it yet. */
const isFirst = ({ state }: Query): boolean => state.status === 'pending';
const isTriedAgain = (query: Query): boolean => isFirst(query) && query.state.fetchFailureCount > 0;

/** Says that the page waits for the server, whichever page it is. */
export function LoadingSign() {
  const isOpening = useRouterState({ select: ({ isLoading }) => isLoading });
  const isWaiting = useIsFetching({ predicate: isFirst }) > 0 || isOpening;
  const isRepeating = useIsFetching({ predicate: isTriedAgain }) > 0;
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isWaiting) return setShown(false);
    const timer = setTimeout(() => setShown(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return (
    <div role="status">
      {isShown && (
        <span className={styles.sign}>
          {isRepeating ? 'The server does not answer. Trying again…' : 'Loading…'}
        </span>
      )}
    </div>
  );
}
