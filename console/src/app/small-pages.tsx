import { useEffect } from 'react';
import { Empty } from '../components/empty.tsx';
import { Page } from '../components/page.tsx';
import { announceProof } from '../components/step-up.tsx';

/** Where signing in again beside another tab leads. */
export function SignedInPage() {
  return (
    <Page title="Signed in">
      <Empty title="You are signed in again">
        Go back to the other tab and press Continue. You can close this one.
      </Empty>
    </Page>
  );
}

/** Where an identity provider that was asked once more leads: the tab that asked hears of it. */
export function ConfirmedPage() {
  useEffect(announceProof, []);
  return (
    <Page title="Confirmed">
      <Empty title="It is you">Go back to the other tab. You can close this one.</Empty>
    </Page>
  );
}
