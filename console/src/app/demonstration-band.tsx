import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { useMe } from '../api/me.ts';
import { Failure } from '../components/failure.tsx';
import styles from './shell.module.css';

/** Says on every page of the demonstration organization that it is one, and leads back. */
export function DemonstrationBand() {
  const { demonstrationOf } = useMe();
  const back = useMutation({
    mutationFn: () => api.DELETE('/demonstration/session'),
    // Everything that is shown is the demonstration's: the page begins anew.
    onSuccess: () => window.location.assign('/'),
  });
  if (demonstrationOf === null) return null;
  return (
    <section className={styles.band} aria-label="Demonstration">
      <p className="grow">
        This is a demonstration.
        <span className="on-wide"> Nothing here is real, and no email is sent.</span>
        {back.error !== null && <Failure error={back.error} />}
      </p>
      <Button size="xs" loading={back.isPending} onClick={() => back.mutate()}>
        <span className="ellipsis">
          Back to <bdi>{demonstrationOf}</bdi>
        </span>
      </Button>
    </section>
  );
}
