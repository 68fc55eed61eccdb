/** Who may import whom (docs/adr/0001, ARCHITECTURE §2). `npm run layers` fails on the first crossing. */
const adapters = ['scim', 'sso', 'admin', 'cli'];

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...adapters.map((name) => ({
      name: `adapter-${name}-stands-alone`,
      comment: 'Adapters translate; they never import each other.',
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: { path: `^src/(${adapters.filter((other) => other !== name).join('|')})/` },
    })),
    {
      name: 'adapters-hold-no-sql',
      severity: 'error',
      from: { path: '^src/(scim|sso|admin|http)/' },
      to: { path: '^(src/directory/store/|src/platform/db|node_modules/(knex|pg)/)' },
    },
    {
      name: 'directory-speaks-no-protocol',
      severity: 'error',
      from: { path: '^src/directory/' },
      to: {
        path: '^(src/(scim|sso|admin|cli|http|jobs|reactions)/|node_modules/(express|scimmy|jose|openid-client|xml-crypto|saxes|@peculiar)/)',
      },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: { path: '^src/directory/rules/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src/(directory/store|platform)/|node_modules/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-schema-compiler-imports-scimmy',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/scim/schema/' },
      to: { path: 'node_modules/scimmy' },
    },
    {
      name: 'only-saml-imports-xml',
      comment:
        'What was verified and what is read are the same bytes, read by one strict parser (SSO.md §1).',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sso/saml/' },
      to: { path: 'node_modules/(saxes|xml-crypto|@xmldom|xpath|@peculiar)' },
    },
    {
      name: 'only-oidc-imports-its-library',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sso/oidc/' },
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
      from: { path: '^(src|migrations)/', pathNot: '\\.test\\.ts$' },
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
