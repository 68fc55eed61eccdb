import { badRequest } from './errors.ts';

/** What `If-Match` and `If-None-Match` name: any version, or these. */
type Condition = '*' | ReadonlySet<string>;

/**
 * Reads a condition header. Versions compare weakly (RFC 7644 §3.14 has weak ones), so `W/` is ignored.
 * @throws ScimError 400 `invalidVers`
 */
function parseCondition(header: string): Condition {
  if (header.trim() === '*') return '*';
  const versions = header.match(/(?:W\/)?"[^"]*"/g);
  if (versions === null) {
    throw badRequest('invalidVers', 'A version is a quoted string as "meta.version" has it: W/"3".');
  }
  return new Set(versions.map(opaque));
}

function opaque(version: string): string {
  return version.startsWith('W/') ? version.slice(2) : version;
}

/** Whether a condition header names the version. @throws ScimError 400 `invalidVers` */
export function versionMatches(header: string, version: string): boolean {
  const condition = parseCondition(header);
  return condition === '*' || condition.has(opaque(version));
}
