import type { UserId } from '../../directory/ids.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { INVITED } from '../rules/people.ts';
import { addressOf, type Cast, groupOf, lookAround } from './cast.ts';
import type { SignIns } from './sign-ins.ts';
import { type Api, clientAt, type World } from './world.ts';

type Invitee = keyof typeof INVITED;

async function joinOf(world: World, api: Api, who: Invitee, body: object): Promise<UserId> {
  const [given, family, address] = INVITED[who];
  const { clock, past } = world;
  await api.send('POST', '/invitations', { email: addressOf(address), name: `${given} ${family}`, ...body });
  clock.pass(1_800);
  const password = uuidv7(clock.now().getTime()) + uuidv7(clock.now().getTime());
  await past.call(undefined, 'POST', `/invite/${past.lastInvitation()}/accept`, {
    name: `${given} ${family}`,
    password,
  });
  const { users } = await lookAround(api);
  return users.get(addressOf(address)) as UserId;
}

/** Those whom no directory knows; they have a password. */
export async function inviteColleagues(world: World, api: Api) {
  return {
    admin: await joinOf(world, api, 'admin', { role: 'admin', reason: 'Runs the directory with me.' }),
    secondAdmin: await joinOf(world, api, 'secondAdmin', {
      role: 'admin',
      reason: 'Stands in while one of us is away.',
    }),
    support: await joinOf(world, api, 'support', { role: 'configure' }),
    locked: await joinOf(world, api, 'locked', { role: 'train' }),
  };
}

/** An invitation that no one accepts: it expires after seven days. */
export async function inviteContractor(api: Api, cast: Cast): Promise<void> {
  const [given, family, address] = INVITED.contractor;
  await api.send('POST', '/invitations', {
    email: addressOf(address),
    name: `${given} ${family}`,
    role: 'readonly',
    groups: [groupOf(cast, 'Pilot users')],
  });
}

export async function lateInvitation(api: Api, cast: Cast): Promise<void> {
  await api.send('POST', '/invitations', {
    email: addressOf('esther.lumumba'),
    name: 'Esther Lumumba',
    role: 'train',
    groups: [groupOf(cast, 'Pilot users')],
  });
}

/** An auditor joins from outside, and looks at the audit trail. */
export async function inviteAuditor(world: World, api: Api, signIns: SignIns): Promise<void> {
  const auditor = await joinOf(world, api, 'auditor', { role: 'readonly' });
  world.clock.pass(600);
  await signIns.withPassword(auditor, clientAt('192.0.2.44', 1));
}
