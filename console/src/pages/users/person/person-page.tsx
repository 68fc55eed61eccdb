import { Page } from '../../../components/page.tsx';

export function PersonPage() {
  return <Page title="Person">…</Page>;
}
