import { Link } from '@tanstack/react-router';
import { Empty } from '../components/empty.tsx';
import { Page } from '../components/page.tsx';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" act={<Link to="/">Go to Home</Link>}>
        The address may be mistyped, or what it led to may be gone.
      </Empty>
    </Page>
  );
}
