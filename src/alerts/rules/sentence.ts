const SUBJECT = 'The user ';

/**
 * Why an alert was opened, in a line that names whom it is about.
 * @param whom undefined if it is about no one @param separator between a name and a sentence that is not about what they did
 */
export function sentenceAbout(whom: string | undefined, why: string, separator = ': '): string {
  if (whom === undefined || why.includes(whom)) return why;
  return why.startsWith(SUBJECT) ? `${whom} ${why.slice(SUBJECT.length)}` : `${whom}${separator}${why}`;
}
