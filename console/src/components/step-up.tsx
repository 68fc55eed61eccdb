import { Button, PasswordInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ApiError, api, dataOf, sentenceOf } from '../api/client.ts';
import { useMe } from '../api/me.ts';

/**
 * What proves to the API that it is still the same person: it goes into the body of the act. Empty after a provider has
 * confirmed it: then the session itself counts as proved, for five minutes.
 */
export interface Proof {
  readonly stepUpToken?: string;
}

/** Asks who one is once more, by password, or at the identity provider where there is no password. */
export function StepUp({ onProof }: { readonly onProof: (proof: Proof | undefined) => void }) {
  const { hasPassword } = useMe();
  return hasPassword ? <ByPassword onProof={onProof} /> : <ByProvider onProof={onProof} />;
}

function ByPassword({ onProof }: { readonly onProof: (proof: Proof | undefined) => void }) {
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [proved, setProved] = useState(false);
  const check = async () => {
    if (password === '') return;
    try {
      const { stepUpToken } = await dataOf(api.POST('/auth/step-up', { body: { password } }));
      setProblem(undefined);
      setProved(true);
      onProof({ stepUpToken });
    } catch (error) {
      setProblem(error instanceof ApiError ? (error.about('password') ?? error.message) : sentenceOf(error));
      onProof(undefined);
    }
  };
  return (
    <div className="row wrap" style={{ alignItems: 'end' }}>
      <PasswordInput
        className="grow"
        style={{ flexBasis: 240 }}
        label="Your password"
        description="It confirms that it is you."
        autoComplete="current-password"
        value={password}
        error={problem}
        disabled={proved}
        onChange={(event) => setPassword(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.ctrlKey) return;
          event.preventDefault();
          void check();
        }}
      />
      <Button onClick={() => void check()} disabled={proved || password === ''}>
        {proved ? 'Confirmed' : 'Confirm'}
      </Button>
    </div>
  );
}

/** On which the page that the provider leads back to speaks to the one that asked. */
const CHANNEL = 'step-up';

/** Tells the other tabs of this browser that the provider has confirmed who it is. */
export function announceProof(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('confirmed');
  channel.close();
}

function ByProvider({ onProof }: { readonly onProof: (proof: Proof | undefined) => void }) {
  const [problem, setProblem] = useState<string>();
  const [proved, setProved] = useState(false);
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => {
      setProved(true);
      onProof({});
    };
    return () => channel.close();
  }, [onProof]);
  const start = async () => {
    try {
      const { url } = await dataOf(api.POST('/auth/step-up/sso', { body: { returnTo: '/confirmed' } }));
      window.open(url, '_blank');
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <div className="stack" style={{ gap: 6 }}>
      <p>Confirm that it is you.</p>
      <div className="row">
        <Button onClick={() => void start()} disabled={proved}>
          {proved ? 'Confirmed' : 'Confirm at your identity provider'}
        </Button>
      </div>
      {problem !== undefined && <p className="danger small">{problem}</p>}
    </div>
  );
}
