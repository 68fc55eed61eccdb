import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composePage, PAGE } from './page.ts';
import { ROOT } from './references.ts';

/** Prints docs/requirements.md, or writes it with `--write`. */
const page = composePage();
if (process.argv.includes('--write')) writeFileSync(join(ROOT, PAGE), page);
else process.stdout.write(page);
