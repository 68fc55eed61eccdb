import { feedIsCurrent, startFeed } from '../../audit/feed.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { HOUR_MS } from '../../platform/time.ts';
import { type MadeUpPerson, peopleOfEntra, peopleOfOkta } from '../rules/people.ts';
import { closedReview, review } from './access-reviews.ts';
import { createActivity } from './activity.ts';
import {
  leavers,
  leftForAnotherTeam,
  onCall,
  promotions,
  rejectedRequest,
  requestOf,
} from './administration.ts';
import { type Cast, lookAround, userOf } from './cast.ts';
import { inviteAuditor, inviteColleagues, inviteContractor, lateInvitation } from './colleagues.ts';
import {
  changesOfOkta,
  entraUser,
  failingRequests,
  massChange,
  oktaUser,
  PATCH,
  polling,
  pushGroups,
  pushPeople,
} from './directories.ts';
import { breakIn, decideAlerts, peopleSignIn } from './security.ts';
import {
  connectEntra,
  noteUses,
  recordDeliveries,
  setUpAccess,
  setUpPrograms,
  setUpReceivers,
  setUpSingleSignOn,
  templates,
} from './set-up.ts';
import { createSignIns } from './sign-ins.ts';
import { type Api, DAYS, type Provider, providerOf, type World } from './world.ts';

/** How long the feed is waited for: what is not in it then is seen the next day. */
const FEED_MS = 2_000;

export interface Beginning {
  readonly owner: UserId;
  /** The SCIM connection that the organization was made with. */
  readonly okta: ConnectionId;
}

/**
 * Plays the month.
 * @param reached called with how much is done, in percent; it throws to stop
 */
export async function playMonth(
  world: World,
  { owner, okta: oktaId }: Beginning,
  reached: (percent: number) => Promise<void>,
): Promise<void> {
  const { clock, past, org, db, signal } = world;
  const sunniva = world.as(owner);
  const okta = providerOf(world, oktaId, 'Okta SCIM Client 1.0.0');
  const invited = await inviteColleagues(world, sunniva);
  await reached(3);

  clock.moveTo(0, 10);
  await pushPeople(okta, peopleOfOkta, oktaUser);
  await reached(10);
  const entra = await connectEntra(world, sunniva);
  clock.moveTo(1, 7);
  await pushPeople(entra, peopleOfEntra, entraUser);
  let cast = await lookAround(sunniva);
  await pushGroups(okta, entra, cast);
  cast = await lookAround(sunniva);
  await reached(16);

  clock.moveTo(1, 9);
  const marta = world.as(invited.admin);
  await setUpAccess(sunniva, cast, invited);
  cast = await lookAround(sunniva);
  const programs = await setUpPrograms(world, sunniva, invited);
  const sso = await setUpSingleSignOn(world, sunniva, oktaId);
  const webhooks = await setUpReceivers(sunniva);
  await reached(20);

  const quiet = new Set(['viktor.nilsson', 'irina.petrova', 'tendai.moyo', 'yael.bendavid', 'hugo.martins']);
  const askers = [...peopleOfOkta, ...peopleOfEntra]
    .filter(({ email }) => !quiet.has(email.split('@')[0] as string))
    .flatMap(({ email }) => cast.users.get(email) ?? []);
  const signIns = createSignIns(world, sso);
  const activity = createActivity(world, programs.assistant, programs.sources);
  const month = new Map<number, () => Promise<unknown>>([
    [3, () => templates(sunniva, cast)],
    [5, () => inviteContractor(sunniva, cast)],
    [6, () => onCall(world, marta, cast)],
    [8, () => changesOfOkta(world, okta, cast)],
    [9, () => failingRequests(world, okta, entra, cast)],
    [11, () => leavers(world, okta, sunniva, cast)],
    [15, () => rejectedRequest(world, marta, cast)],
    [18, () => massChange(world, okta, cast)],
    [21, () => promotions(world, sunniva, cast)],
    [22, () => inviteAuditor(world, sunniva, signIns)],
    [24, () => review(world, sunniva, marta)],
    [4, () => closedReview(world, sunniva, cast)],
    [25, () => leftForAnotherTeam(world, okta, sunniva, cast)],
    [26, () => breakIn(world, signIns, cast, invited)],
    [28, () => lateInvitation(sunniva, cast)],
  ]);
  for (let day = 2; day < DAYS; day += 1) {
    clock.moveTo(day, 8);
    await peopleSignIn(world, signIns, cast, { ...invited, owner }, day);
    await polling(world, okta, entra);
    await noteUses(world, [oktaId, entra.connection], programs.keys);
    clock.moveTo(day, 13);
    await month.get(day)?.();
    clock.moveTo(day, 21);
    if (day === 27) await activity.unusuallyMany(userOf(cast, 'thandiwe.dlamini'));
    clock.moveTo(day, 22);
    await activity.ofDay(askers, day);
    await past.flushLog();
    await feedIsCurrent(db, FEED_MS);
    await past.expireElevations(org);
    await past.watch(org, signal);
    await past.sealEvents(org, signal);
    await reached(20 + Math.round(((day - 1) / (DAYS - 2)) * 74));
  }

  await today(world, { sunniva, marta, okta, entra }, cast);
  await activity.ofDay(askers, DAYS);
  await decideAlerts(sunniva);
  await noteUses(world, [oktaId, entra.connection], programs.keys);
  await recordDeliveries(world, webhooks);
  await past.flushLog();
  await feedIsCurrent(db, FEED_MS);
  await past.watch(org, signal);
  await past.sealEvents(org, signal);
  for (const consumer of ['webhooks', ...webhooks.streams.map((id) => `stream:${id}` as const)] as const) {
    await startFeed(db, org, consumer);
  }
  await reached(99);
}

/** The last hours: what waits for someone. */
async function today(
  world: World,
  {
    sunniva,
    marta,
    okta,
    entra,
  }: Readonly<Record<'sunniva' | 'marta', Api> & Record<'okta' | 'entra', Provider>>,
  cast: Cast,
): Promise<void> {
  const { clock } = world;
  clock.pass((clock.end.getTime() - 3 * HOUR_MS - clock.now().getTime()) / 1_000);
  await okta.send('GET', '/Users', undefined, 'startIndex=1&count=100');
  await polling(world, okta, entra);
  await okta.send('PATCH', `/Users/${userOf(cast, 'lucia.fernandez')}`, {
    schemas: [PATCH],
    Operations: [{ op: 'replace', value: { title: 'Head of field service' } }],
  });
  await polling(world, okta, entra);
  await okta.send('POST', '/Users', oktaUser(peopleOfOkta[1] as MadeUpPerson, 1));
  await polling(world, okta, entra);
  await marta.send('POST', `/users/${userOf(cast, 'khai.nguyen')}/elevations`, {
    role: 'admin',
    durationMinutes: 720,
    justification: 'Moves the calibration records to the new storage.',
    ticket: 'OPS-448',
  });
  clock.pass(2_400);
  await requestOf(world, cast, 'clara.hoffmann', {
    role: 'admin',
    durationMinutes: 240,
    justification: 'The certificate of the laboratory has to be renewed today.',
    ticket: 'LAB-77',
  });
  clock.pass(1_200);
  await sunniva.get('/users?limit=1');
}
