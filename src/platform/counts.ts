/** A number with its noun: "1 job", "1,204 jobs", "2 entries". */
export function countOf(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}

/** Minutes as one says them: "30 minutes", "4 hours", "1 hour". */
export function minutesInWords(minutes: number): string {
  return minutes >= 60 && minutes % 60 === 0 ? countOf(minutes / 60, 'hour') : countOf(minutes, 'minute');
}
