/**
 * The kind of a domain error: what went wrong, independent of any protocol. Each adapter maps all kinds
 * (`satisfies Record<…>`), and single codes where its protocol says more.
 */
export type DomainErrorKind =
  | 'missing'
  | 'taken'
  | 'invalid'
  | 'stale'
  | 'conflict'
  | 'busy'
  | 'forbidden'
  | 'unauthenticated'
  | 'gone'
  | 'unconfirmed'
  | 'too_large'
  | 'too_costly'
  | 'throttled';

/** Every way in which the directory can reject. */
export const DOMAIN_ERRORS = {
  not_found: 'missing',
  user_name_taken: 'taken',
  email_taken: 'taken',
  group_name_taken: 'taken',
  unknown_member: 'invalid',
  value_too_long: 'invalid',
  version_mismatch: 'stale',
  conflict: 'conflict',
  demonstration: 'conflict',
  contended: 'busy',
  last_owner: 'conflict',
  too_costly: 'too_costly',

  unauthenticated: 'unauthenticated',
  invalid_credentials: 'unauthenticated',
  second_factor_required: 'unauthenticated',
  throttled: 'throttled',
  forbidden: 'forbidden',
  self_change: 'forbidden',
  role_above_limit: 'forbidden',
  owner_only: 'forbidden',
  owner_address: 'forbidden',
  password_invalid: 'forbidden',
  step_up_required: 'forbidden',
  self_approval: 'forbidden',
  self_review: 'forbidden',
  sso_enforced: 'forbidden',

  invalid_email: 'invalid',
  invalid_profile: 'invalid',
  unknown_connection: 'invalid',
  invalid_role: 'invalid',
  group_not_found: 'invalid',
  weak_password: 'invalid',
  code_invalid: 'invalid',
  reason_required: 'invalid',
  unknown_item: 'invalid',
  training_required: 'invalid',
  manager_needs_configure: 'invalid',
  justification_required: 'invalid',
  too_long: 'invalid',
  in_the_past: 'invalid',
  in_the_future: 'invalid',
  before_history: 'invalid',
  history_incomplete: 'conflict',
  not_higher: 'invalid',
  target_inactive: 'invalid',
  unknown_resource: 'invalid',
  unknown_owner: 'invalid',
  invalid_scope: 'invalid',
  invalid_address: 'invalid',
  text_too_short: 'invalid',
  too_many_names: 'invalid',
  bad_header: 'invalid',
  not_csv: 'invalid',
  invalid_logo: 'invalid',
  logo_too_large: 'too_large',
  too_many_rows: 'too_large',
  batch_too_large: 'too_large',
  unknown_batch: 'invalid',

  impact_confirmation_required: 'unconfirmed',
  role_not_admin: 'conflict',
  managed_by_directory: 'conflict',
  member_by_pattern: 'conflict',
  already_inactive: 'conflict',
  not_inactive: 'conflict',
  owns_resources: 'conflict',
  not_deleted: 'conflict',
  not_locked: 'conflict',
  not_pending: 'conflict',
  already_confirmed: 'conflict',
  expired: 'conflict',
  already_enrolled: 'conflict',
  not_enrolled: 'conflict',
  export_running: 'throttled',
  mass_change_held: 'throttled',
  too_many: 'conflict',
  not_replayable: 'conflict',
  closed: 'conflict',
  not_open: 'conflict',
  already_decided: 'conflict',
  not_decided: 'conflict',
  changed_since: 'conflict',
  cannot_undo: 'conflict',
  unknown_reviewer: 'invalid',
  frequency_not_allowed: 'invalid',
  not_applicable: 'invalid',

  test_not_passed: 'conflict',
  domain_unverified: 'conflict',
  domain_taken: 'taken',
  public_domain: 'invalid',
  invalid_domain: 'invalid',
  dns_record_missing: 'conflict',
  invalid_metadata: 'invalid',
  invalid_certificate: 'invalid',
  invalid_provider: 'invalid',
  certificate_missing: 'conflict',
  last_certificate: 'conflict',
  connection_incomplete: 'conflict',
  nothing_staged: 'conflict',
  identity_taken: 'taken',
  no_provider: 'conflict',

  invitation_expired: 'gone',
  invitation_used: 'gone',
  reset_expired: 'gone',
} as const satisfies Record<string, DomainErrorKind>;

export type DomainErrorCode = keyof typeof DOMAIN_ERRORS;

/** A rejection: the code for the adapter, the sentence for the client. It holds nothing of another organization. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  /** Seconds after which to try again, of what is `throttled` or `busy`. */
  readonly retryAfter: number | undefined;

  constructor(code: DomainErrorCode, message: string, retryAfter?: number) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get kind(): DomainErrorKind {
    return DOMAIN_ERRORS[this.code];
  }
}
