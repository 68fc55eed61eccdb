import { type Cast, groupOf, userOf } from './cast.ts';
import { PATCH } from './directories.ts';
import type { Api, Provider, World } from './world.ts';

/** Twice a week someone is on call, and has more rights for some hours. */
export async function onCall({ clock }: World, api: Api, cast: Cast): Promise<void> {
  for (const [name, ticket] of [
    ['jonas.lindqvist', 'OPS-412'],
    ['priya.raghunathan', 'OPS-419'],
  ] as const) {
    await api.send('POST', `/users/${userOf(cast, name)}/elevations`, {
      role: 'admin',
      durationMinutes: 240,
      justification: 'On call this evening.',
      ticket,
    });
    clock.pass(900);
  }
}

export async function requestOf(world: World, cast: Cast, name: string, body: object): Promise<string> {
  const api = world.as(userOf(cast, name));
  return (await api.send('POST', '/me/elevations', body)).id;
}

export async function rejectedRequest(world: World, marta: Api, cast: Cast): Promise<void> {
  const id = await requestOf(world, cast, 'rohan.deshpande', {
    role: 'admin',
    durationMinutes: 1_440,
    justification: 'I would like to look at the settings.',
  });
  world.clock.pass(1_200);
  await marta.send('POST', `/elevations/${id}/reject`, {
    reason: 'To look at the settings, configure is enough: ask for that.',
  });
}

export async function leavers({ clock }: World, okta: Provider, sunniva: Api, cast: Cast): Promise<void> {
  const deactivation = { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] };
  await okta.send('PATCH', `/Users/${userOf(cast, 'viktor.nilsson')}`, deactivation);
  clock.pass(3_600);
  await sunniva.send('POST', `/users/${userOf(cast, 'irina.petrova')}/deactivate?force=true`, {
    reason: 'Left the laboratory; Entra ID has not been told yet.',
  });
}

export async function leftForAnotherTeam(
  { clock }: World,
  okta: Provider,
  sunniva: Api,
  cast: Cast,
): Promise<void> {
  await okta.send('PATCH', `/Groups/${groupOf(cast, 'People')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'remove', path: `members[value eq "${userOf(cast, 'aino.virtanen')}"]` }],
  });
  clock.pass(900);
  await sunniva.send('POST', `/users/${userOf(cast, 'tendai.moyo')}/deactivate?force=true`, {
    reason: 'On leave until spring.',
  });
}

export async function promotions({ clock }: World, api: Api, cast: Cast): Promise<void> {
  const give = async (name: string, role: string, more: object = {}) => {
    const user = userOf(cast, name);
    const { impactToken } = await api.get<{ impactToken: string }>(`/users/${user}/role-impact?role=${role}`);
    await api.send('PUT', `/users/${user}/role`, { role, impactToken, ...more });
    clock.pass(300);
  };
  await give('dagmar.reinholt', 'configure');
  await give('sigridur.jonsdottir', 'train');
  await give('georgios.papadopoulos', 'admin', { reason: 'Looks after the directory of the support team.' });
  await give('luca.bianchi', 'configure');
}
