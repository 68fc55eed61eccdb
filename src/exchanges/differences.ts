/**
 * Returns where a body is not what it should be. An object must have what is expected of it and may have more; an array
 * must have as many elements, each as expected, in that order; `null` expects no value: null, an empty array or
 * nothing (RFC 7643 §2.5).
 */
export function differences(expected: unknown, actual: unknown, at = 'body'): string[] {
  if (expected === null)
    return isUnassigned(actual) ? [] : [`${at} should have no value, is ${show(actual)}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${at} should be an array, is ${show(actual)}`];
    if (expected.length !== actual.length) {
      return [`${at} should have ${expected.length} elements, has ${actual.length}: ${show(actual)}`];
    }
    return expected.flatMap((element, index) => differences(element, actual[index], `${at}[${index}]`));
  }
  if (typeof expected === 'object') {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      return [`${at} should be an object, is ${show(actual)}`];
    }
    return Object.entries(expected as object).flatMap(([name, part]) =>
      differences(part, (actual as Record<string, unknown>)[name], `${at}.${name}`),
    );
  }
  return expected === actual ? [] : [`${at} should be ${show(expected)}, is ${show(actual)}`];
}

function isUnassigned(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > 300 ? `${text.slice(0, 297)}…` : text;
}
