export type Status = 'ok' | 'warn' | 'fail';

/** What a check found: one line. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string;
  readonly status: Status;
  /** What was found, and what to do unless it is fine. */
  readonly message: string;
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });
export const warn = (check: string, message: string): Finding => ({ check, status: 'warn', message });
export const fail = (check: string, message: string): Finding => ({ check, status: 'fail', message });

/** An error's message, on one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  return (cause === undefined ? message : reasonOf(cause)).replace(/\s*\n\s*/g, ' ').replace(/\.$/, '');
}
