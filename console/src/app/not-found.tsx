import { Link } from '@tanstack/react-router';
import { Empty } from '../components/empty.tsx';
import { Page } from '../components/page.tsx';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="Page not found" act={<Link to="/">Go to Home</Link>}>
        The address may be mistyped, or the page may be gone.
      </Empty>
    </Page>
  );
}
