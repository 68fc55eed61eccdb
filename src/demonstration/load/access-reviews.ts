import { OWNER } from '../rules/people.ts';
import { addressOf, type Cast, groupOf } from './cast.ts';
import { OWN_KEYS } from './set-up.ts';
import type { Api, World } from './world.ts';

interface ReviewItem {
  readonly id: string;
  readonly subject: { readonly email: string | null; readonly name: string | null };
}

/** The review of a group, which is closed. */
export async function closedReview(world: World, sunniva: Api, cast: Cast): Promise<void> {
  const { past, org, signal, clock } = world;
  const { id } = await sunniva.send('POST', '/reviews', {
    title: 'Field service',
    scope: { users: true, groups: [groupOf(cast, 'Field service')] },
    reviewers: { rule: 'owners' },
    daysUntilDue: 7,
  });
  await past.openReview(org, id, signal);
  clock.pass(1_800);
  const { data } = await sunniva.get<{ data: ReviewItem[] }>(`/reviews/${id}/items?limit=100`);
  for (const item of data) {
    clock.pass(45);
    await sunniva.send('PUT', `/reviews/${id}/items/${item.id}`, {
      decision: 'keep',
      note: 'Visits customers.',
    });
  }
  await sunniva.send('POST', `/reviews/${id}/close`);
}

/** A review of everyone with more than readonly, half decided. */
export async function review(world: World, sunniva: Api, marta: Api): Promise<void> {
  const { past, org, signal, clock } = world;
  const { id } = await sunniva.send('POST', '/reviews', {
    title: 'Access of the fourth quarter',
    scope: { users: true, privileged: true, programs: true },
    reviewers: { rule: 'owners' },
    daysUntilDue: 14,
    inactiveDays: 20,
  });
  await past.openReview(org, id, signal);
  clock.pass(3_600);
  const { data } = await sunniva.get<{ data: ReviewItem[] }>(`/reviews/${id}/items?limit=100`);
  const keyOf = ({ subject: { email, name } }: ReviewItem) => email ?? name ?? '';
  const sorted = [...data].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  const demoted = addressOf('luca.bianchi');
  for (const [at, item] of sorted.entries()) {
    const key = keyOf(item);
    if (at % 2 === 1 && key !== demoted) continue;
    // No one decides about themselves and their own keys.
    const api = key === OWNER.email || OWN_KEYS.some((name) => name === key) ? marta : sunniva;
    const words =
      key === demoted
        ? { decision: 'change_role', role: 'readonly', note: 'Has not needed more for weeks.' }
        : { decision: 'keep', note: 'Needed for the work on call.' };
    await api.send('PUT', `/reviews/${id}/items/${item.id}`, words);
    clock.pass(60);
  }
}
