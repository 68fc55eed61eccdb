/** How a connection's provisioning is set up; what a request of it does depends on these. */
export interface ProvisioningSettings {
  /** Whether a second user with one primary e-mail address is refused, as a second userName is. */
  readonly uniqueEmails: boolean;
}
