import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type SearchSchemaInput,
  useRouter,
} from '@tanstack/react-router';
import { ApiError } from '../api/client.ts';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query-client.ts';
import { Failure } from '../components/failure.tsx';
import { Page } from '../components/page.tsx';
import { NotFound } from './not-found.tsx';
import { Shell } from './shell.tsx';

/** What the address of a page says beside its path: text only, as it stands there. */
export type Search = Readonly<Record<string, string | undefined>>;

/** Takes what is text and leaves the rest away, so that no address can break a page. */
function readSearch(search: Record<string, unknown> & SearchSchemaInput): Search {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[key, String(value)]]
        : [],
    ),
  );
}

const root = createRootRouteWithContext<Record<never, never>>()({ notFoundComponent: NotFound });

/** Instead of a page whose module, or what it needs to begin with, did not arrive. */
function DidNotLoad({ error }: { readonly error: unknown }) {
  const instance = useRouter();
  const isRefusal = error instanceof ApiError;
  return (
    <Page title="This page did not load">
      <Failure
        error={
          isRefusal
            ? error
            : new ApiError('Part of this page did not load. Check your connection, then try again.', 0)
        }
        retry={() => (isRefusal ? void instance.invalidate() : window.location.reload())}
      />
    </Page>
  );
}

/** The frame around every page that needs a session. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  notFoundComponent: NotFound,
  loader: () => queryClient.ensureQueryData(meQuery),
  errorComponent: DidNotLoad,
  pendingComponent: () => (
    <p role="status" className="muted" style={{ padding: 24 }}>
      Loading…
    </p>
  ),
  pendingMs: 500,
  pendingMinMs: 0,
});

/** A page: its path, and the module that it is loaded from when it is first opened. */
function page<Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) {
  return createRoute({
    getParentRoute: () => shell,
    path,
    validateSearch: readSearch,
    component: lazyRouteComponent(load as never, name as never),
  });
}

/** The page of a set-up link, for those who have no account. */
const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: lazyRouteComponent(() => import('../pages/set-up/set-up-page.tsx'), 'SetUpPage'),
});

const routes = [
  page('/', () => import('../pages/home/home-page.tsx'), 'HomePage'),
  page('/users', () => import('../pages/users/users-page.tsx'), 'UsersPage'),
  page('/users/$userId', () => import('../pages/users/person/person-page.tsx'), 'PersonPage'),
  page('/provisioning', () => import('../pages/provisioning/provisioning-page.tsx'), 'ProvisioningPage'),
  page(
    '/provisioning/$connectionId',
    () => import('../pages/provisioning/connection-page.tsx'),
    'ScimConnectionPage',
  ),
  page('/users/import', () => import('../pages/import/import-page.tsx'), 'ImportPage'),
  page('/groups', () => import('../pages/groups/groups-page.tsx'), 'GroupsPage'),
  page('/groups/$groupId', () => import('../pages/groups/group-page.tsx'), 'GroupPage'),
  page('/audit', () => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
  page('/history', () => import('../pages/history/history-page.tsx'), 'HistoryPage'),
  page('/activity', () => import('../pages/activity/activity-page.tsx'), 'ActivityPage'),
  page('/api-keys', () => import('../pages/api-keys/api-keys-page.tsx'), 'ApiKeysPage'),
  page(
    '/service-accounts',
    () => import('../pages/service-accounts/service-accounts-page.tsx'),
    'ServiceAccountsPage',
  ),
  page('/webhooks', () => import('../pages/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
  page('/webhooks/$webhookId', () => import('../pages/webhooks/webhook-page.tsx'), 'WebhookPage'),
  page('/jobs', () => import('../pages/jobs/jobs-page.tsx'), 'JobsPage'),
  page('/reviews', () => import('../pages/reviews/reviews-page.tsx'), 'ReviewsPage'),
  page('/reviews/$reviewId', () => import('../pages/reviews/review-page.tsx'), 'ReviewPage'),
  page('/alerts', () => import('../pages/alerts/alerts-page.tsx'), 'AlertsPage'),
  page('/alerts/rules', () => import('../pages/alerts/rules-page.tsx'), 'AlertRulesPage'),
  page('/settings', () => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
  page('/api-reference', () => import('../pages/api-reference/api-reference-page.tsx'), 'ApiReferencePage'),
  page('/account', () => import('../pages/account/account-page.tsx'), 'AccountPage'),
  page('/signed-in', () => import('./small-pages.tsx'), 'SignedInPage'),
  page('/confirmed', () => import('./small-pages.tsx'), 'ConfirmedPage'),
  page('/elevations', () => import('../pages/elevations/elevations-page.tsx'), 'ElevationsPage'),
  page('/help', () => import('../pages/help/help-page.tsx'), 'HelpPage'),
  page('/posture', () => import('../pages/posture/posture-page.tsx'), 'PosturePage'),
  page('/single-sign-on', () => import('../pages/sso/sso-page.tsx'), 'SsoPage'),
  page(
    '/single-sign-on/$connectionId',
    () => import('../pages/sso/connection-page.tsx'),
    'SsoConnectionPage',
  ),
  page('/$', () => import('./not-found.tsx'), 'NotFound'),
  page('/components', () => import('../pages/components/components-page.tsx'), 'ComponentsPage'),
];

export const router = createRouter({
  routeTree: root.addChildren([shell.addChildren(routes), setUp]),
  context: {},
  defaultErrorComponent: DidNotLoad,
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Text as it is: without quotes around what looks like a number.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
    return text === '' ? '' : `?${text}`;
  },
});
