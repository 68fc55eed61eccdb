import { Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError, api, dataOf, keepCsrfToken, onSessionExpired } from '../api/client.ts';
import { meQuery } from '../api/me.ts';
import { Note } from '../components/note.tsx';

/** A session that ends in the middle of something: what was typed stays, and one signs in again beside it. */
export function ExpiredSession() {
  const [expired, setExpired] = useState(false);
  const [problem, setProblem] = useState<string>();
  const queries = useQueryClient();
  useEffect(() => onSessionExpired(() => setExpired(true)), []);

  const goOn = async () => {
    const before = queries.getQueryData(meQuery.queryKey);
    try {
      const me = await dataOf(api.GET('/me'));
      if (before !== undefined && me.user.id !== before.user.id) {
        // The page still shows what another user may see.
        window.location.assign('/');
        return;
      }
      keepCsrfToken(me.csrfToken);
      queries.setQueryData(meQuery.queryKey, me);
      setExpired(false);
      setProblem(undefined);
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(
        error instanceof ApiError && error.status === 401
          ? 'You are not signed in yet. Use the sign-in page in the other tab first.'
          : 'The server does not answer. Try again in a moment.',
      );
    }
  };
  return (
    <Modal
      opened={expired}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
      size={440}
      zIndex={500}
    >
      <div style={{ padding: '6px 22px 20px' }} className="stack">
        <p className="muted">
          Sign in again in another tab, then continue here. What you typed on this page is kept.
        </p>
        {problem !== undefined && (
          <Note tone="warning" role="alert">
            {problem}
          </Note>
        )}
        <div className="row">
          <Button
            component="a"
            href="/sign-in?return_to=/signed-in"
            target="_blank"
            rel="noopener"
            variant="filled"
          >
            Open the sign-in page
          </Button>
          <Button onClick={goOn}>Continue</Button>
        </div>
      </div>
    </Modal>
  );
}
