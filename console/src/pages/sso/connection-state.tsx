import type { SsoConnection } from '../../api/schema.d.ts';
import { type Shape, Status } from '../../components/status.tsx';

const STATES: Readonly<Record<SsoConnection['state'], readonly [Shape, string]>> = {
  draft: ['ring', 'Draft'],
  active: ['disc', 'Active'],
  off: ['bar', 'Off'],
};

/** The state of a connection; where there is room, with what a draft means. */
export function ConnectionState({ state }: { readonly state: SsoConnection['state'] }) {
  const [shape, word] = STATES[state];
  return (
    <Status shape={shape}>
      <span>
        {word}
        {state === 'draft' && <span className="on-wide">, affects no one</span>}
      </span>
    </Status>
  );
}
