import { Button } from '@mantine/core';
import { ApiError, sentenceOf } from '../api/client.ts';
import { Note } from './note.tsx';
import { inLocalTime } from './time.tsx';

/** A refusal or a failure: what happened, what to do, and the number to quote where it is the server's fault. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const requestId =
    error instanceof ApiError && (error.status >= 500 || error.status === 0) ? error.requestId : undefined;
  // What is refused now is refused again.
  const mayHelp = !(error instanceof ApiError) || error.status < 400 || error.status >= 429;
  return (
    <Note tone="danger" role="alert">
      <p>{inLocalTime(sentenceOf(error))}</p>
      {requestId !== undefined && <p className="small muted">Request {requestId}</p>}
      {retry !== undefined && mayHelp && (
        <Button size="xs" mt={8} onClick={retry}>
          Try again
        </Button>
      )}
    </Note>
  );
}
