import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './steps.module.css';

export type StepState = 'done' | 'current' | 'next';

const SAID: Readonly<Record<StepState, string>> = { done: 'Done', current: 'Now', next: 'Later' };

/** Steps below each other, each with what is to be done in it. */
export function Steps({ children }: { readonly children: ReactNode }) {
  return <ol className={styles.steps}>{children}</ol>;
}

export function Step({
  number,
  state,
  title,
  where,
  children,
}: {
  readonly number: number;
  readonly state: StepState;
  readonly title: string;
  /** Where in the other product: `Applications › Rollcall › Provisioning`. */
  readonly where?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <li className={styles.step}>
      <StepMark number={number} state={state} />
      <div className="stack grow" style={{ gap: 10 }}>
        <div>
          <h2>{title}</h2>
          {where !== undefined && <p className="muted">{where}</p>}
        </div>
        {children}
      </div>
    </li>
  );
}

/** The number of a step, or a tick once it is done. */
export function StepMark({ number, state }: { readonly number: number; readonly state: StepState }) {
  return (
    <span className={styles.mark} data-state={state}>
      <span className="visually-hidden">{SAID[state]}: </span>
      {state === 'done' ? <IconCheck size={14} stroke={2} aria-hidden /> : number}
    </span>
  );
}
