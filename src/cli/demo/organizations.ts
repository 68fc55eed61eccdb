/** The owner's address in the organizations of a demo: another one's owner signs in and resets passwords alone. */
export const DEMO_OWNER_EMAIL = 'owner@demo.example';

/** The name of the organization in which a demo plays one client. */
export function demoOrganizationName(client: string, time: Date): string {
  return `Demo ${client} ${time.toISOString().slice(0, 19).replace('T', ' ')}`;
}

/** Whether an organization is one that a demo left. */
export function isDemoOrganization(name: string): boolean {
  return /^Demo .+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(name);
}
