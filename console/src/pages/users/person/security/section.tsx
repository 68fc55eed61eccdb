import type { ReactNode } from 'react';
import type { TabProps } from '../person-page.tsx';

/** Whose sign-in it is. */
export type SecurityProps = Pick<TabProps, 'user'>;

/** The parameters of a route about them. */
export const path = ({ user }: SecurityProps) => ({ params: { path: { id: user.id } } });

/** A part of the tab, with what is done to all of it beside its heading. */
export function Section({
  title,
  act,
  children,
}: {
  readonly title: string;
  readonly act?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section>
      <div className="row" style={{ marginBottom: 4, minHeight: 30 }}>
        <h2 className="grow">{title}</h2>
        {act}
      </div>
      {children}
    </section>
  );
}
