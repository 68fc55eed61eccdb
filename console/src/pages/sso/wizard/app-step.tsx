import type { SsoConnection } from '../../../api/schema.d.ts';
import { CopyValues } from '../../../components/copy.tsx';
import { type SsoGuide, valuesFor } from '../sso-providers.ts';

/** What is entered at the provider, under its own labels. */
export function AppStep({
  connection,
  guide,
}: {
  readonly connection: SsoConnection;
  readonly guide: SsoGuide;
}) {
  return (
    <section className="stack" style={{ gap: 14 }}>
      <div>
        <h2>Create the app</h2>
        <p className="muted">{guide.where}</p>
      </div>
      <p>{guide.how}</p>
      <CopyValues label="Values for the provider" values={valuesFor(connection, guide)} />
      <div>
        <h3>What the provider has to send</h3>
        <p>{guide.attributes}</p>
      </div>
    </section>
  );
}
