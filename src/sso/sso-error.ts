import type { SsoReason } from './rules/reasons.ts';

/** A single sign-on that goes no further. Administrators read the reason in the trace; the user sees one plain page. */
export class SsoError extends Error {
  readonly reason: SsoReason;

  /** @param detail for the trace: which value, which element; never a secret and no personal data */
  constructor(reason: SsoReason, detail?: string, options?: ErrorOptions) {
    super(detail ?? reason, options);
    this.name = 'SsoError';
    this.reason = reason;
  }
}
