import type { UserId } from '../../directory/ids.ts';
import { peopleOfEntra, peopleOfOkta } from '../rules/people.ts';
import { type Cast, userOf } from './cast.ts';
import type { SignIns } from './sign-ins.ts';
import { type Api, clientAt, OFFICE, type World } from './world.ts';

const STRANGER = '203.0.113.66';

/** Passwords are tried on several people; one account locks, and one password fits: a key follows. */
export async function breakIn(
  world: World,
  signIns: SignIns,
  cast: Cast,
  {
    admin,
    secondAdmin,
    support,
    locked,
  }: Readonly<Record<'admin' | 'secondAdmin' | 'support' | 'locked', UserId>>,
): Promise<void> {
  const stranger = clientAt(STRANGER, 2);
  const others = ['ana.kovac', 'omar.farouk', 'luca.bianchi'].map((name) => userOf(cast, name));
  for (let round = 0; round < 2; round += 1) {
    for (const user of [admin, secondAdmin, support, locked, ...others]) await signIns.fail(user, stranger);
  }
  for (let more = 0; more < 8; more += 1) await signIns.fail(locked, stranger);
  await signIns.withPassword(support, stranger);
  world.clock.pass(240);
  await world.as(support).send('POST', '/me/api-keys', { name: 'backup', scopes: ['users:read'] });
}

/** Some alerts are decided, those of the last days are open. */
export async function decideAlerts(api: Api): Promise<void> {
  type Alerts = { data: { id: string; kind: string; state: string }[] };
  const { data } = await api.get<Alerts>('/alerts?limit=100&state=open');
  const decide = (id: string, state: string, note: string) =>
    api.send('PATCH', `/alerts/${id}`, { state, note });
  const seen = new Map<string, number>();
  for (const { id, kind } of data) {
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    if (kind === 'mass_change') {
      await decide(id, 'resolved', 'A wrong filter in Okta, corrected within half an hour.');
    } else if (kind === 'new_location' && before > 1) {
      await decide(id, 'false_positive', 'Works from home.');
    } else if (kind === 'password_spraying' && before === 0) {
      await decide(
        id,
        'acknowledged',
        'The address is blocked at the firewall; the locked account stays locked.',
      );
    }
  }
}

/** Who signs in on a day: hardly anyone at weekends, some every day, everyone now and then. */
export async function peopleSignIn(
  { random, clock }: World,
  signIns: SignIns,
  { users }: Cast,
  invited: Readonly<Record<'owner' | 'admin' | 'secondAdmin' | 'support' | 'locked', UserId>>,
  day: number,
): Promise<void> {
  const isWeekend = clock.weekday() % 6 === 0;
  // The last two people of the list never come: someone has to be reminded.
  const everyone = [...peopleOfOkta, ...peopleOfEntra.slice(0, -2)];
  for (const [at, { email }] of everyone.entries()) {
    const share = isWeekend ? 0.01 : at % 9 === 0 ? 0.5 : 0.1;
    const isFirst = !signIns.hasBeenSeen(users.get(email) as UserId) && day >= 2 + (at % 5) && !isWeekend;
    if (random() > share && !isFirst) continue;
    const user = users.get(email) as UserId;
    // Each from the office or from home, always on the same machine.
    const ip = at % 4 === 0 ? `198.51.100.${40 + (at % 60)}` : at % 3 === 0 ? `192.0.2.${20 + at}` : OFFICE;
    clock.pass(60 + 600 * random());
    await signIns.withProvider(user, email, clientAt(ip, at));
  }
  if (isWeekend) return;
  await signIns.withPassword(invited.owner, clientAt(OFFICE, 1));
  clock.pass(700);
  await signIns.withPassword(invited.admin, clientAt(OFFICE, 1));
  await signIns.withPassword(invited.support, clientAt(OFFICE, 0));
  clock.pass(400);
  if (day % 3 === 0) await signIns.withPassword(invited.secondAdmin, clientAt(OFFICE, 2));
  if (day % 3 === 1 && day < 26) await signIns.withPassword(invited.locked, clientAt(OFFICE, 0));
  if (day % 6 === 5) await signIns.refuse('The assertion expired 34 seconds ago.');
}
