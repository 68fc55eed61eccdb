import { basename } from 'node:path';
import { findTests, readSources } from './references.ts';
import { REQUIREMENTS, type Requirement } from './requirements.ts';

/** Where the page is kept. */
export const PAGE = 'docs/requirements.md';

const HEAD = `# Requirements

What Rollcall has to do, by number. Comments, test names and issues refer to these numbers. \`npm run requirements\` writes
this page from \`test/requirements/requirements.ts\` and from the names of the tests; do not edit it.

*console* marks what is the web console's alone, *planned* what is not built yet.
`;

/** Composes docs/requirements.md. */
export function composePage(): string {
  const tests = findTests(readSources());
  const areas = [...new Set(REQUIREMENTS.map(({ area }) => area))];
  const sections = areas.map((area) => {
    const rows = REQUIREMENTS.filter((each) => each.area === area).map((each) =>
      row(each, testsOf(each, tests)),
    );
    return `## ${area}\n\n| # | requirement | where | tests |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

/** The test files of a requirement, in order: those that name it, and those of the list. */
export function testsOf(
  { number }: Requirement,
  tests: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  return [...(tests.get(number) ?? [])].sort();
}

function row({ number, text, where, missing }: Requirement, tests: readonly string[]): string {
  const isPath = where.includes('/');
  const place = isPath ? `[${where}](../${where})` : where;
  const rest = missing === undefined ? '' : `; not yet: ${missing}`;
  const links = tests.map((path) => `[${basename(path)}](../${path})`).join(', ');
  return `| ${number} | ${text} | ${place}${rest} | ${links} |`;
}
