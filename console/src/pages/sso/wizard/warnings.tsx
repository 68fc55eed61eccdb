import type { SsoConnection } from '../../../api/schema.d.ts';
import { Note } from '../../../components/note.tsx';

type Code = SsoConnection['warnings'][number]['code'];

/** What the API warns of, as it says it. */
export function Warnings({ of, only }: { readonly of: SsoConnection; readonly only?: readonly Code[] }) {
  const shown = of.warnings.filter(({ code }) => only === undefined || only.includes(code));
  if (shown.length === 0) return null;
  return (
    <Note tone="warning">
      {shown.map(({ code, message }) => (
        <p key={`${code} ${message}`}>{message}</p>
      ))}
    </Note>
  );
}
