/**
 * Who may import whom (docs/adr/0028), mostly by the role that a file's name says: `store`, `rules`, `routes`.
 * A new feature folder is guarded without a new rule. `npm run layers` fails on the first crossing.
 */
const store = '(^|/)store(/|\\.ts$)';
const rules = '(^|/)rules(/|\\.ts$)';
const routes = '(^|/)routes(/|\\.ts$)';
const test = '\\.test\\.ts$';
/** Protocols and pages: what speaks to the outside and holds no rule. */
const adapters = '^src/(scim|saml|oidc|pages|rest|http)/';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-stores-hold-sql',
      comment: 'Queries and commands open transactions; statements stand in store files.',
      severity: 'error',
      from: { path: '^src/', pathNot: `${store}|^src/platform/|${test}` },
      to: { path: 'node_modules/(knex|pg)/' },
    },
    {
      name: 'stores-hold-no-rules-and-call-no-commands',
      severity: 'error',
      from: { path: store, pathNot: test },
      to: {
        path: `/(commands|queries|jobs)\\.ts$|${routes}|${adapters}`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: { path: rules, pathNot: `${test}|^test/` },
      to: {
        path: `${store}|^src/platform/(db|jobs|http-client)/|node_modules/`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'routes-ask-commands-and-queries',
      severity: 'error',
      from: { path: routes },
      to: { path: `${store}|^src/platform/db/(?!unavailable)`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-hold-no-sql',
      severity: 'error',
      from: { path: adapters, pathNot: '^src/http/' },
      to: { path: `${store}|^src/platform/db/(?!unavailable)`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-routes-and-pages-speak-http',
      comment: 'Commands, queries, rules and stores know no request, no status and no page.',
      severity: 'error',
      from: {
        path: '^src/(directory|audit|reviews|provisioning|sso|sign-in|invitations|email-changes|lifecycle|imports|onboarding|access|exports|activity|webhooks|notifications|jobs|secrets|maintenance|idempotency)/',
        pathNot: `${routes}|${test}|^src/imports/upload\\.ts$|^src/directory/roles/impact-shape\\.ts$`,
      },
      to: { path: '^src/(http|rest|pages|scim|cli)/|node_modules/express' },
    },
    {
      name: 'scim-is-an-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(scim/|app\\.ts|cli/)' },
      to: { path: '^src/scim/', pathNot: '^src/scim/cursor\\.ts$' },
    },
    {
      name: 'saml-and-oidc-are-for-single-sign-on',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(saml|oidc|sso|pages|app\\.ts)' },
      to: { path: '^src/(saml|oidc)/' },
    },
    {
      name: 'saml-and-oidc-speak-only-their-protocol',
      severity: 'error',
      from: { path: '^src/(saml|oidc)/', pathNot: test },
      to: {
        path: '^src/(?!saml/|oidc/|platform/|sso/sso-error\\.ts|sso/rules/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-schema-compiler-imports-scimmy',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/scim/schema/' },
      to: { path: 'node_modules/scimmy' },
    },
    {
      name: 'only-saml-imports-xml',
      comment: 'What was verified and what is read are the same bytes, read by one strict parser.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/saml/' },
      to: { path: 'node_modules/(saxes|xml-crypto|@xmldom|xpath|@peculiar)' },
    },
    {
      name: 'only-oidc-imports-its-library',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/oidc/' },
      to: { path: 'node_modules/openid-client' },
    },
    {
      name: 'platform-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(?!platform/)' },
    },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: test },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
