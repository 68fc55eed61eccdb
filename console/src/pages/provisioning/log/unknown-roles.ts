/** Names of roles in a body that neither this server nor the connection knows. */
export function unknownRoles(body: string | null, known: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  const take = (value: unknown): void => {
    if (typeof value === 'string') found.add(value);
    else if (Array.isArray(value)) value.forEach(take);
    else if (typeof value === 'object' && value !== null) take((value as { value?: unknown }).value);
  };
  const search = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(search);
    if (typeof value !== 'object' || value === null) return;
    const entries = value as Readonly<Record<string, unknown>>;
    if (typeof entries['path'] === 'string' && /^roles\b/i.test(entries['path'])) take(entries['value']);
    if (entries['roles'] !== undefined) take(entries['roles']);
    Object.values(entries).forEach(search);
  };
  try {
    search(JSON.parse(body ?? ''));
  } catch {
    return [];
  }
  return [...found].filter((name) => name.trim() !== '' && !known.has(name.toLowerCase()));
}
